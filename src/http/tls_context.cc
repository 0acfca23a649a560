#include "http/tls_context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace sallyport::http {
namespace {

constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr unsigned char kSessionContext[] = "sallyport";
constexpr char kTls12Suites[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

std::string openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

Result<void> check_key_file(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return fail(ErrorKind::Invalid, fmt::format("key {}: {}", path, std::strerror(errno)));
  }
  if ((found.st_mode & 077) != 0) {
    return fail(ErrorKind::Invalid,
                fmt::format("key {}: group or others can read it (mode {:03o}); chmod 600", path,
                            found.st_mode & 0777U));
  }
  return {};
}

int note_encrypted(char*, int, int, void* encrypted) {
  if (encrypted != nullptr) *static_cast<bool*>(encrypted) = true;
  return -1;
}

// RFC 7301: a client that offers protocols must offer ours; one that offers none gets HTTP/1.1.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void FreeSsl::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate,
                                                     const std::string& key) {
  ERR_clear_error();
  auto made = std::make_shared<TlsContext>(Private{}, SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made->context_;
  SALLYPORT_CHECK(context != nullptr);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // One read for a record instead of two; what it brings too much, Stream::has_pending() tells.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_max_early_data(context, 0);
  SALLYPORT_CHECK(SSL_CTX_set_cipher_list(context, kTls12Suites) == 1);
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext - 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets only: no shared memory
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);

  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return fail(ErrorKind::Invalid,
                fmt::format("certificate {}: {}", certificate, openssl_error()));
  }
  if (auto good = check_key_file(key); !good) return std::unexpected(good.error());
  // The library's default would ask for the passphrase on the terminal, and wait.
  bool encrypted = false;
  SSL_CTX_set_default_passwd_cb(context, note_encrypted);
  SSL_CTX_set_default_passwd_cb_userdata(context, &encrypted);
  const int used = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (encrypted) {
    ERR_clear_error();
    return fail(ErrorKind::Invalid,
                fmt::format("key {}: has a passphrase; nobody is asked for it", key));
  }
  if (used != 1) {
    return fail(ErrorKind::Invalid, fmt::format("key {}: {}", key, openssl_error()));
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorKind::Invalid,
                fmt::format("key {} does not belong to certificate {}", key, certificate));
  }
  const EVP_PKEY* pkey = SSL_CTX_get0_privatekey(context);
  if (EVP_PKEY_get_security_bits(pkey) < 112) {  // NIST SP 800-57: RSA 2048, P-224
    return fail(ErrorKind::Invalid, fmt::format("key {}: weaker than 112 bits", key));
  }
  return made;
}

SslHandle TlsContext::accept(int socket) const {
  SslHandle ssl(SSL_new(context_));
  SALLYPORT_CHECK(ssl != nullptr && SSL_set_fd(ssl.get(), socket) == 1);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace sallyport::http
