#include "config/read_tls.h"

#include <fmt/format.h>

#include <utility>

namespace sallyport::config {

void read_networks(const Scope& scope, std::string_view name, std::vector<Network>& out) {
  std::vector<std::string> texts;
  scope.texts(name, texts);
  for (const std::string& text : texts) {
    auto network = Network::parse(text);
    if (network) {
      out.push_back(*network);
    } else {
      scope.fail(name, fmt::format("holds a wrong network: {}", network.error().message));
    }
  }
}

void read_host_tls(const Scope& scope, HostTls& tls) {
  scope.text("certificate", tls.certificate);
  scope.text("key", tls.key);
  scope.text("ocsp_response", tls.ocsp_response);
  scope.choice("client_certificates", tls.client_certificates,
               {{"off", ClientCertificates::Off},
                {"optional", ClientCertificates::Optional},
                {"required", ClientCertificates::Required}});
  scope.text("client_ca", tls.client_ca);
  scope.choice("client_name", tls.client_name,
               {{"subject cn", ClientName::SubjectCn},
                {"san email", ClientName::SanEmail},
                {"san dns", ClientName::SanDns},
                {"san uri", ClientName::SanUri}});
}

void check_host_tls(const VirtualHost& host, const std::string& name, const Findings& findings) {
  const HostTls& tls = host.tls;
  const auto wrong = [&](const char* key) { return findings.is_wrong(name + "." + key); };
  if (tls.certificate.empty() != tls.key.empty() && !wrong("certificate") && !wrong("key")) {
    const char* missing = tls.key.empty() ? "key" : "certificate";
    findings.error(name, fmt::format("the host \"{}\" has no api[].host[].{}: certificate and key "
                                     "come together",
                                     host.host, missing));
  }
  if (!tls.ocsp_response.empty() && tls.certificate.empty()) {
    findings.error(name + ".ocsp_response",
                   "api[].host[].ocsp_response needs the host's own api[].host[].certificate");
  }
  if (wrong("client_certificates")) return;
  const bool asks = tls.client_certificates != ClientCertificates::Off;
  if (asks && tls.client_ca.empty() && !wrong("client_ca")) {
    findings.error(name + ".client_certificates",
                   "api[].host[].client_certificates needs api[].host[].client_ca: nothing could "
                   "be verified");
  }
  for (const char* key : {"client_ca", "client_name"}) {
    if (!asks && findings.is_set(name + "." + key)) {
      findings.error(name + "." + key,
                     fmt::format("api[].host[].{} needs api[].host[].client_certificates = "
                                 "\"optional\" or \"required\"",
                                 key));
    }
  }
}

bool is_host_pattern(std::string_view text) {
  if (!text.starts_with("*.")) return is_host_name(text);
  text.remove_prefix(2);
  // Of a whole top level nobody is the owner.
  return text.find('.') != std::string_view::npos && is_host_name(text) && !IpAddress::parse(text);
}

}  // namespace sallyport::config
