#include "proxy/tls_client_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include "base/net.h"

namespace sallyport::proxy {
namespace {

constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::string openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

int no_passphrase(char*, int, int, void*) { return -1; }

Result<void> use_certificate(SSL_CTX* context, const config::UpstreamTls& settings) {
  if (settings.certificate.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1) {
    return fail(ErrorKind::Invalid,
                fmt::format("certificate {}: {}", settings.certificate, openssl_error()));
  }
  struct stat found{};
  if (::stat(settings.key.c_str(), &found) == 0 && (found.st_mode & 077U) != 0) {
    return fail(ErrorKind::Invalid,
                fmt::format("key {}: group or others can read it; chmod 600", settings.key));
  }
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorKind::Invalid, fmt::format("key {}: {}", settings.key, openssl_error()));
  }
  return {};
}

}  // namespace

TlsClientContext::~TlsClientContext() { SSL_CTX_free(context_); }

Result<std::unique_ptr<TlsClientContext>> TlsClientContext::load(
    const config::UpstreamTls& settings) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SALLYPORT_CHECK(context != nullptr);
  std::unique_ptr<TlsClientContext> made(new TlsClientContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_alpn_protos(context, kHttp11, sizeof kHttp11);
  const int loaded = settings.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                              : SSL_CTX_load_verify_locations(
                                                    context, settings.ca_file.c_str(), nullptr);
  if (loaded != 1) {
    return fail(ErrorKind::Invalid,
                fmt::format("ca_file {}: {}", settings.ca_file, openssl_error()));
  }
  if (auto used = use_certificate(context, settings); !used) return std::unexpected(used.error());
  return made;
}

http::SslHandle TlsClientContext::connect(int socket, const std::string& name) const {
  http::SslHandle ssl(SSL_new(context_));
  SALLYPORT_CHECK(ssl != nullptr && SSL_set_fd(ssl.get(), socket) == 1);
  if (IpAddress::parse(name)) {
    // RFC 6066 3: no address is sent as a name.
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl.get(), name.c_str());
    SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl.get(), name.c_str());
  }
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace sallyport::proxy
