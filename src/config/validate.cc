#include "config/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/encoding.h"
#include "config/doors.h"
#include "config/validate_apis.h"
#include "config/validate_routes.h"

namespace sallyport::config {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void check_address(const Listener& listener, const std::string& name, const Findings& findings) {
  if (findings.is_wrong(name + ".address")) return;
  if (listener.address.starts_with("unix:")) {
    if (listener.kind != ListenerKind::Trusted) {
      findings.error(name + ".address",
                     "listener[].address: only a trusted listener may be a "
                     "Unix socket");
    } else if (listener.address.size() == 5) {
      findings.error(name + ".address", "listener[].address: \"unix:\" needs a path behind it");
    }
  } else if (!IpAddress::parse(listener.address)) {
    findings.error(
        name + ".address",
        fmt::format("listener[].address must be an IP address, not \"{}\"", listener.address));
  }
}

void check_trusted(const Listener& listener, const std::string& name, const Findings& findings) {
  const auto ip = IpAddress::parse(listener.address);
  const bool near = listener.address.starts_with("unix:") || (ip && ip->is_loopback());
  if (!near && listener.trusted_networks.empty() &&
      !findings.is_wrong(name + ".trusted_networks") && !findings.is_wrong(name + ".address")) {
    findings.error(name, fmt::format("a trusted listener on {} needs listener[].trusted_networks: "
                                     "it takes plain HTTP for TLS",
                                     listener.address));
    return;
  }
  findings.warn(name, fmt::format("the trusted listener on {} takes plain HTTP for TLS: whoever "
                                  "reaches it can read credentials on the way",
                                  listener.address));
}

void check_listeners(const Config& config, const Findings& findings) {
  if (config.listeners.empty() && !findings.is_wrong("listener")) {
    findings.error("listener", "at least one [[listener]] is required");
  }
  std::map<std::pair<std::string, std::uint16_t>, std::size_t> seen;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const Listener& listener = config.listeners[i];
    const std::string name = fmt::format("listener[{}]", i);
    if (findings.is_wrong(name + ".kind")) continue;  // what it needs is not known
    check_address(listener, name, findings);
    if (listener.kind == ListenerKind::Tls) {
      for (const auto& [key, value] :
           {std::pair("certificate", &listener.certificate), std::pair("key", &listener.key)}) {
        if (value->empty() && !findings.is_wrong(name + "." + key)) {
          findings.error(name + "." + key,
                         fmt::format("listener[].{} is required on a tls listener", key));
        }
      }
    } else {
      for (const char* key : {"certificate", "key", "ocsp_response"}) {
        if (findings.is_set(name + "." + key)) {
          findings.error(name + "." + key,
                         fmt::format("listener[].{} is for tls listeners only", key));
        }
      }
    }
    if (listener.kind == ListenerKind::Refuse && !listener.proxy_protocol_from.empty()) {
      findings.error(
          name + ".proxy_protocol_from",
          "listener[].proxy_protocol_from is for tls and trusted listeners: a refusing one "
          "answers everybody the same");
    }
    if (listener.kind == ListenerKind::Trusted) {
      check_trusted(listener, name, findings);
    } else if (findings.is_set(name + ".trusted_networks")) {
      findings.error(name + ".trusted_networks",
                     "listener[].trusted_networks is for trusted listeners only");
    }
    const bool fixed = listener.port != 0 || listener.address.starts_with("unix:");
    if (fixed && !seen.emplace(std::pair(listener.address, listener.port), i).second) {
      findings.error(name,
                     fmt::format("two listeners on {} port {}", listener.address, listener.port));
    }
  }
}

void check_telemetry(const Config& config, const Findings& findings) {
  const Telemetry& telemetry = config.telemetry;
  if (findings.is_wrong("telemetry.address")) return;
  const auto ip = IpAddress::parse(telemetry.address);
  if (!ip) {
    findings.error("telemetry.address", fmt::format("telemetry.address must be an IP address, not "
                                                    "\"{}\"",
                                                    telemetry.address));
  } else if (telemetry.enabled && !ip->is_loopback()) {
    findings.warn("telemetry.address",
                  "the telemetry listener is plain HTTP and can be reached "
                  "from other machines");
  }
  for (const Listener& listener : config.listeners) {
    if (telemetry.enabled && telemetry.port != 0 && telemetry.port == listener.port &&
        telemetry.address == listener.address) {
      findings.error("telemetry.port",
                     fmt::format("telemetry.port {} is taken by a listener", telemetry.port));
    }
  }
  for (const std::string& host : telemetry.hosts) {
    if (!is_host_name(host)) {
      findings.error("telemetry.hosts",
                     fmt::format("telemetry.hosts must be host names in lower case without a port, "
                                 "not \"{}\"",
                                 host));
    }
  }
}

void check_relay(const SmtpRelay& relay, const std::string& name, const Findings& findings) {
  const bool verifies =
      relay.security == SmtpSecurity::StartTls || relay.security == SmtpSecurity::Tls;
  const auto error = [&](std::string_view key, std::string_view rule) {
    findings.error(fmt::format("{}.{}", name, key), fmt::format("{}.{} {}", name, key, rule));
  };
  if (!relay.host.empty() && !is_host_name(ascii_lower(relay.host))) {
    error("host", fmt::format("must be a host name or an IP address, not \"{}\"", relay.host));
  }
  if (!relay.ca_file.empty() && (!verifies || !relay.verify)) {
    error("ca_file",
          fmt::format("needs {}.security = \"starttls\": nothing is verified otherwise", name));
  }
  if (!relay.verify && verifies) {
    findings.warn(name + ".verify",
                  fmt::format("{}.verify: the relay's certificate is not verified: whoever is in "
                              "between reads the mail",
                              name));
  }
  if (!relay.username.empty() && !verifies) {
    error("username", "needs \"starttls\" or \"tls\": a password is never sent in clear");
  }
  if (relay.username.empty() != relay.password_file.empty()) {
    error(relay.username.empty() ? "password_file" : "username",
          "needs its other half: username and password_file go together");
  }
}

// The most octets of each are SMPP 3.4's (5.2), without the NUL behind them.
void check_bind(const std::vector<SmppBind>& binds, std::size_t index, const Findings& findings) {
  const SmppBind& bind = binds[index];
  const std::string name = fmt::format("channels.smpp[{}]", index);
  const auto error = [&](std::string_view key, std::string_view rule) {
    findings.error(fmt::format("{}.{}", name, key), fmt::format("{}.{} {}", name, key, rule));
  };
  if (!bind.host.empty() && !is_host_name(ascii_lower(bind.host))) {
    error("host", fmt::format("must be a host name or an IP address, not \"{}\"", bind.host));
  }
  if (bind.system_id.size() > 15) error("system_id", "must have 15 characters at most");
  if (bind.system_type.size() > 12) error("system_type", "must have 12 characters at most");
  if (bind.name.empty()) error("name", "must not be empty");
  if (bind.smsc.empty() && !bind.host.empty()) error("smsc", "must not be empty");
  for (std::size_t i = 0; i < index; ++i) {
    if (binds[i].name != bind.name) continue;
    error("name", fmt::format("\"{}\" is another bind's name: give each one its own", bind.name));
  }
  if (!bind.ca_file.empty() && (!bind.tls || !bind.verify)) {
    error("ca_file", fmt::format("needs {}.tls = true: nothing is verified otherwise", name));
  }
  if (bind.tls && !bind.verify) {
    findings.warn(name + ".verify",
                  fmt::format("{}.verify: the SMSC's certificate is not verified: whoever is in "
                              "between reads the messages",
                              name));
  }
}

void check_sms(const SmsChannel& sms, const Findings& findings) {
  for (std::size_t i = 0; i < sms.binds.size(); ++i) check_bind(sms.binds, i, findings);
  if (findings.is_set("channels.sms") && sms.binds.empty() && !findings.is_set("channels.smpp")) {
    findings.error("channels.sms", "[channels.sms] needs a bind: add a [[channels.smpp]]");
  }
  const bool number = sms.sender.starts_with('+');
  const bool fits =
      std::ranges::all_of(std::string_view(sms.sender).substr(number ? 1 : 0), [number](char c) {
        const bool digit = c >= '0' && c <= '9';
        return digit || (!number && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')));
      });
  if (!fits || sms.sender.size() > (number ? 16U : 11U)) {
    findings.error("channels.sms.sender",
                   fmt::format("channels.sms.sender must be up to 11 letters and digits, or a "
                               "number like +61400400400, not \"{}\"",
                               sms.sender));
  }
}

void check_channels(const Config& config, const Findings& findings) {
  check_sms(config.sms_channel, findings);
  const SmtpChannel& smtp = config.smtp_channel;
  if (findings.is_set("channels.smtp") && smtp.host.empty() &&
      !findings.is_wrong("channels.smtp.host")) {
    findings.error("channels.smtp.host", "channels.smtp.host is required in [channels.smtp]");
  }
  check_relay(smtp, "channels.smtp", findings);
  for (std::size_t i = 0; i < smtp.more.size(); ++i) {
    check_relay(smtp.more[i], fmt::format("channels.smtp.relay[{}]", i), findings);
  }
  if (!config.bounces.domain.empty() && !is_host_name(config.bounces.domain)) {
    findings.error(
        "channels.bounces.domain",
        fmt::format("channels.bounces.domain must be a domain, not \"{}\"", config.bounces.domain));
  }
  const auto listens = IpAddress::parse(config.bounces.address);
  if (!listens) {
    findings.error("channels.bounces.address",
                   fmt::format("channels.bounces.address must be an IP address, not \"{}\"",
                               config.bounces.address));
  }
  if (config.bounces.port != 0 && config.bounces.domain.empty()) {
    findings.error("channels.bounces.port", "channels.bounces.port needs channels.bounces.domain");
  }
  if (!smtp.helo.empty() && !is_host_name(ascii_lower(smtp.helo))) {
    findings.error("channels.smtp.helo",
                   fmt::format("channels.smtp.helo must be a host name, not \"{}\"", smtp.helo));
  }
  if (config.file_channel.directory.empty()) {
    findings.error("channels.file.directory", "channels.file.directory must not be empty");
  }
}

void check_messaging(const Config& config, const Findings& findings) {
  const Messaging& messaging = config.messaging;
  const auto is_vendor = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (messaging.vendor.empty() || !std::ranges::all_of(messaging.vendor, is_vendor)) {
    findings.error("messaging.vendor",
                   fmt::format("messaging.vendor must be lower-case letters, digits, - and ., not "
                               "\"{}\"",
                               messaging.vendor));
  }
  if (!is_mail_address(messaging.mail_from)) {
    findings.error(
        "messaging.mail_from",
        fmt::format("messaging.mail_from must be a mail address, not \"{}\"", messaging.mail_from));
  }
  if (!messaging.mri_domain_user.empty() && !is_host_name(ascii_lower(messaging.mri_domain_user))) {
    findings.error("messaging.mri_domain_user",
                   fmt::format("messaging.mri_domain_user must be a domain, not \"{}\"",
                               messaging.mri_domain_user));
  }
  if (messaging.retry_delays.empty()) {
    findings.error("messaging.retry_delays", "messaging.retry_delays must hold one delay at least");
  }
  if (messaging.message_bytes > config.limits.body_bytes &&
      findings.is_set("messaging.message_bytes")) {
    findings.error("messaging.message_bytes",
                   fmt::format("messaging.message_bytes is {}, above limits.body_bytes, which is "
                               "{}",
                               messaging.message_bytes, config.limits.body_bytes));
  }
}

void check_limits(const Config& config, const Findings& findings) {
  const Server& server = config.server;
  if (server.max_connections_per_source > server.max_connections) {
    findings.error("server.max_connections_per_source",
                   fmt::format("server.max_connections_per_source is {}, above "
                               "server.max_connections, which is {}",
                               server.max_connections_per_source, server.max_connections));
  }
  const Limits& limits = config.limits;
  if (limits.target_bytes > limits.head_bytes && findings.is_set("limits.target_bytes")) {
    findings.error("limits.target_bytes",
                   fmt::format("limits.target_bytes is {}, above limits.head_bytes, which is {}",
                               limits.target_bytes, limits.head_bytes));
  }
  if (limits.body_total_timeout < limits.body_timeout) {
    findings.error("limits.body_total_timeout",
                   "limits.body_total_timeout is below limits.body_timeout");
  }
  const Auth& auth = config.auth;
  if (auth.refusals_burst < auth.refusals_per_second) {
    findings.error("auth.refusals_burst",
                   fmt::format("auth.refusals_burst is {}, below auth.refusals_per_second, which "
                               "is {}",
                               auth.refusals_burst, auth.refusals_per_second));
  }
  if (auth.argon2_memory_kib < 8 * auth.argon2_lanes) {
    findings.error("auth.argon2_memory_kib",
                   "auth.argon2_memory_kib must be at least 8 for each "
                   "lane");
  } else if (auth.argon2_memory_kib < 19'456 || auth.argon2_passes < 2) {
    findings.warn(
        findings.is_set("auth.argon2_memory_kib") ? "auth.argon2_memory_kib" : "auth.argon2_passes",
        "password hashes below 19456 KiB and 2 passes are cheap to guess");
  }
  for (const auto& [key, value] : {std::pair{"auth.refusals_per_second", auth.refusals_per_second},
                                   std::pair{"auth.failures_per_pair", auth.failures_per_pair},
                                   std::pair{"auth.failures_per_source", auth.failures_per_source},
                                   std::pair{"auth.failures_per_name", auth.failures_per_name}}) {
    if (value == 0) findings.warn(key, "0 lets passwords be guessed without this limit");
  }
  if (config.access_log.path.empty()) {
    findings.error("access_log.path", "access_log.path must not be empty");
  }
}

}  // namespace

void validate(const Config& config, const Findings& findings) {
  check_limits(config, findings);
  check_listeners(config, findings);
  check_telemetry(config, findings);
  check_upstreams(config, findings);
  check_issuers(config, findings);
  check_apis(config, findings);
  check_channels(config, findings);
  check_messaging(config, findings);
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  if (IpAddress::parse(text)) return true;
  std::size_t label = 0;
  char last = '.';
  for (const char c : text) {
    const bool inner = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (c == '.') {
      if (label == 0 || last == '-') return false;
      label = 0;
    } else {
      ++label;
      if (label > 63 || !(inner || (c == '-' && label > 1))) return false;
    }
    last = c;
  }
  return label > 0 && last != '-';
}

bool is_public_url(std::string_view text) {
  const auto is_plain = [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view("?#\"<>\\^`{|}@").find(c) == std::string::npos;
  };
  std::size_t start = 0;
  if (text.starts_with("https://")) start = 8;
  if (text.starts_with("http://")) start = 7;
  if (start == 0 || !std::ranges::all_of(text, is_plain) || text.ends_with('/')) return false;
  std::string_view authority = text.substr(start, text.find('/', start) - start);
  if (authority.starts_with('[')) return authority.find(']') != std::string_view::npos;
  const std::size_t colon = authority.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, is_digit)) return false;
    authority = authority.substr(0, colon);
  }
  return is_host_name(ascii_lower(authority));
}

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  const auto is_local = [](char c) {
    return is_letter_or_digit(c) ||
           std::string_view("!#$%&'*+/=?^_`{|}~.-").find(c) != std::string_view::npos;
  };
  const std::string_view local = text.substr(0, at);
  return std::ranges::all_of(local, is_local) && local.front() != '.' && local.back() != '.' &&
         local.find("..") == std::string_view::npos &&
         is_host_name(ascii_lower(text.substr(at + 1)));
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

}  // namespace sallyport::config
