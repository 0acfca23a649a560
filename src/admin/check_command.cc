#include "admin/check_command.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "access/pattern.h"
#include "auth/token/jwk.h"
#include "auth/token/jwks_reader.h"
#include "base/net.h"
#include "http/tls_credentials.h"

namespace sallyport::admin {
namespace {

struct Free {
  void operator()(FILE* file) const { std::fclose(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// Never asks for a pass phrase: a server has nobody to ask.
int no_passphrase(char*, int, int, void*) { return -1; }

class FileChecks {
 public:
  FileChecks(const config::Parsed& parsed, const std::string& file, std::int64_t now_us)
      : parsed_(parsed), file_(file), now_us_(now_us) {}

  std::vector<config::Problem> run() {
    for (std::size_t i = 0; i < parsed_.config.listeners.size(); ++i) {
      const config::Listener& listener = parsed_.config.listeners[i];
      if (listener.kind != config::ListenerKind::Tls) continue;
      check_pair(fmt::format("listener[{}]", i), listener.certificate, listener.key,
                 listener.ocsp_response, "");
    }
    for (std::size_t i = 0; i < parsed_.config.apis.size(); ++i) {
      const auto& hosts = parsed_.config.apis[i].hosts;
      for (std::size_t j = 0; j < hosts.size(); ++j) {
        check_host(fmt::format("api[{}].host[{}]", i, j), hosts[j]);
      }
    }
    for (std::size_t i = 0; i < parsed_.config.issuers.size(); ++i) {
      check_issuer(fmt::format("issuer[{}]", i), parsed_.config.issuers[i]);
    }
    check_upstreams();
    check_patterns();
    const std::string& ca = parsed_.config.smtp_channel.ca_file;
    if (!ca.empty()) read_certificate("channels.smtp.ca_file", ca);
    check_folder_of("access_log.path", parsed_.config.access_log.path);
    ERR_clear_error();
    return std::move(problems_);
  }

 private:
  void add(const std::string& name, std::string text, bool warning = false) {
    const auto place = parsed_.places.find(name);
    const config::Place at = place == parsed_.places.end() ? config::Place{} : place->second;
    problems_.push_back({file_, at.line, at.column, std::move(text), warning});
  }

  Owned<FILE> open(const std::string& name, const std::string& path) {
    if (path.empty()) return nullptr;  // reported by the validator
    Owned<FILE> file(std::fopen(path.c_str(), "rbe"));
    struct stat found{};
    if (file == nullptr) {
      add(name, fmt::format("{}: {}", path, std::strerror(errno)));
    } else if (::fstat(::fileno(file.get()), &found) == 0 && S_ISDIR(found.st_mode)) {
      add(name, fmt::format("{}: is a folder", path));
      return nullptr;
    }
    return file;
  }

  Owned<X509> read_certificate(const std::string& name, const std::string& path) {
    const Owned<FILE> file = open(name, path);
    if (file == nullptr) return nullptr;
    Owned<X509> certificate(PEM_read_X509(file.get(), nullptr, no_passphrase, nullptr));
    if (certificate == nullptr) {
      add(name, fmt::format("{}: is no certificate in PEM", path));
      return nullptr;
    }
    std::time_t now = static_cast<std::time_t>(now_us_ / 1'000'000);
    if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &now) < 0) {
      add(name, fmt::format("{}: the certificate is expired", path));
    } else if (X509_cmp_time(X509_get0_notBefore(certificate.get()), &now) > 0) {
      add(name, fmt::format("{}: the certificate is not valid yet", path));
    }
    return certificate;
  }

  Owned<EVP_PKEY> read_key(const std::string& name, const std::string& path) {
    const Owned<FILE> file = open(name, path);
    if (file == nullptr) return nullptr;
    struct stat found{};
    if (::fstat(::fileno(file.get()), &found) == 0 && (found.st_mode & 077U) != 0) {
      add(name, fmt::format("{}: group or others can read or write it (mode {:04o}); chmod 600 it",
                            path, found.st_mode & 07777U));
    }
    Owned<EVP_PKEY> key(PEM_read_PrivateKey(file.get(), nullptr, no_passphrase, nullptr));
    if (key == nullptr) {
      add(name, fmt::format("{}: is no private key in PEM without a pass phrase", path));
    }
    return key;
  }

  void check_upstreams() {
    for (std::size_t i = 0; i < parsed_.config.upstreams.size(); ++i) {
      const config::Upstream& upstream = parsed_.config.upstreams[i];
      const std::string name = fmt::format("upstream[{}]", i);
      if (!upstream.tls.ca_file.empty()) {
        read_certificate(name + ".tls.ca_file", upstream.tls.ca_file);
      }
      if (!upstream.tls.certificate.empty() && !upstream.tls.key.empty()) {
        check_pair(name + ".tls", upstream.tls.certificate, upstream.tls.key, "", "");
      }
      check_secret(name + ".credential.secret_file", upstream.credential.secret_file);
    }
  }

  void check_secret(const std::string& name, const std::string& path) {
    const Owned<FILE> file = open(name, path);
    struct stat found{};
    if (file != nullptr && ::fstat(::fileno(file.get()), &found) == 0 &&
        (found.st_mode & 077U) != 0) {
      add(name, fmt::format("{}: group or others can read or write it (mode {:04o}); chmod 600 it",
                            path, found.st_mode & 07777U));
    }
  }

  // What can never match would be a hole in the mind of whoever wrote it.
  void check_patterns() {
    for (std::size_t i = 0; i < parsed_.config.apis.size(); ++i) {
      const auto& routes = parsed_.config.apis[i].routes;
      for (std::size_t j = 0; j < routes.size(); ++j) {
        if (!routes[j].path.starts_with('/')) continue;  // reported by the validator
        const auto pattern = access::Pattern::parse(routes[j].path);
        if (!pattern) add(fmt::format("api[{}].route[{}].path", i, j), pattern.error().message);
      }
    }
  }

  void check_host(const std::string& name, const config::VirtualHost& host) {
    const config::HostTls& tls = host.tls;
    if (!tls.certificate.empty() && !tls.key.empty()) {
      check_pair(name, tls.certificate, tls.key, tls.ocsp_response, host.host);
    }
    if (!tls.client_ca.empty()) read_certificate(name + ".client_ca", tls.client_ca);
  }

  void check_pair(const std::string& name, const std::string& certificate_path,
                  const std::string& key_path, const std::string& ocsp_path,
                  const std::string& host) {
    const Owned<X509> certificate = read_certificate(name + ".certificate", certificate_path);
    const Owned<EVP_PKEY> key = read_key(name + ".key", key_path);
    if (certificate == nullptr) return;
    if (key != nullptr && X509_check_private_key(certificate.get(), key.get()) != 1) {
      add(name + ".key", fmt::format("{}: is not the key of {}", key_path, certificate_path));
    }
    if (const auto strong = http::check_strength(certificate.get(), certificate_path); !strong) {
      add(name + ".certificate", strong.error().message);
    }
    if (!host.empty() && !is_for(certificate.get(), host)) {
      add(name + ".certificate",
          fmt::format("{}: does not name the host \"{}\"", certificate_path, host), true);
    }
    if (ocsp_path.empty()) return;
    const auto staple = http::load_staple(ocsp_path, certificate.get());
    if (!staple) {
      add(name + ".ocsp_response", staple.error().message);
    } else if (staple->good_until_s != 0 && staple->good_until_s < now_us_ / 1'000'000) {
      add(name + ".ocsp_response",
          fmt::format("{}: is out of date, so it is not stapled", ocsp_path), true);
    }
  }

  // Of "*.example.com" any one name is asked for: what covers one label covers each.
  static bool is_for(X509* certificate, const std::string& host) {
    if (IpAddress::parse(host)) return X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
    const std::string name = host.starts_with("*.") ? "any" + host.substr(1) : host;
    return X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1;
  }

  void check_issuer(const std::string& name, const config::Issuer& issuer) {
    if (!issuer.ca_file.empty()) read_certificate(name + ".ca_file", issuer.ca_file);
    if (issuer.jwks_file.empty()) return;
    const auto text = auth::read_jwks_file(issuer.jwks_file);
    if (!text) {
      return add(name + ".jwks_file",
                 fmt::format("{}: {}", issuer.jwks_file, text.error().message));
    }
    if (const auto keys = auth::read_jwks(*text, issuer.algorithms); !keys) {
      add(name + ".jwks_file", fmt::format("{}: {}", issuer.jwks_file, keys.error().message));
    }
  }

  void check_folder_of(const std::string& name, const std::string& path) {
    std::error_code ignored;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!path.empty() && !std::filesystem::is_directory(folder, ignored)) {
      add(name, fmt::format("{}: there is no such folder", folder.string()));
    }
  }

  const config::Parsed& parsed_;
  const std::string& file_;
  std::int64_t now_us_;
  std::vector<config::Problem> problems_;
};

}  // namespace

std::vector<config::Problem> check_files(const config::Parsed& parsed, const std::string& file,
                                         std::int64_t now_us) {
  return FileChecks(parsed, file, now_us).run();
}

CommandReply check(const std::string& file, const Clock& clock) {
  config::Parsed parsed = config::load(file);
  // When the file could not be read as a whole, what it names is not known.
  if (!parsed.places.empty()) {
    std::ranges::move(check_files(parsed, file, clock.unix_us()),
                      std::back_inserter(parsed.problems));
    std::ranges::stable_sort(parsed.problems, {}, [](const config::Problem& problem) {
      return std::pair(problem.line, problem.column);
    });
  }
  CommandReply reply;
  for (const config::Problem& problem : parsed.problems) {
    reply.error += (reply.error.empty() ? "" : "\n") + problem.to_string();
  }
  if (!parsed.usable()) {
    reply.exit_code = kRefused;
  } else {
    reply.text = fmt::format("{}: {}\n", file,
                             parsed.problems.empty() ? "no problem" : "usable, with warnings");
  }
  return reply;
}

}  // namespace sallyport::admin
