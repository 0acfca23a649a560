#include "http/tls_credentials.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <utility>

namespace sallyport::http {
namespace {

constexpr int kLeastBits = 112;
constexpr char kTls12Suites[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

struct Free {
  void operator()(OCSP_RESPONSE* response) const { OCSP_RESPONSE_free(response); }
  void operator()(OCSP_BASICRESP* basic) const { OCSP_BASICRESP_free(basic); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

std::string openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorKind::Invalid, std::move(message));
}

Result<std::string> read_file(const char* what, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return invalid(fmt::format("{} {}: {}", what, path, std::strerror(errno)));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<void> check_key_file(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return invalid(fmt::format("key {}: {}", path, std::strerror(errno)));
  }
  if ((found.st_mode & 077) != 0) {
    return invalid(fmt::format("key {}: group or others can read it (mode {:03o}); chmod 600", path,
                               found.st_mode & 0777U));
  }
  return {};
}

int note_encrypted(char*, int, int, void* encrypted) {
  if (encrypted != nullptr) *static_cast<bool*>(encrypted) = true;
  return -1;
}

Result<void> use_key(SSL_CTX* context, const TlsFiles& files) {
  if (auto good = check_key_file(files.key); !good) return good;
  // The library's default would ask for the passphrase on the terminal, and wait.
  bool encrypted = false;
  SSL_CTX_set_default_passwd_cb(context, note_encrypted);
  SSL_CTX_set_default_passwd_cb_userdata(context, &encrypted);
  const int used = SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (encrypted) {
    ERR_clear_error();
    return invalid(fmt::format("key {}: has a passphrase; nobody is asked for it", files.key));
  }
  if (used != 1 || SSL_CTX_check_private_key(context) != 1) {
    const bool mismatch =
        used == 1 || ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    const std::string reason = openssl_error();
    return invalid(mismatch ? fmt::format("key {} does not belong to certificate {}", files.key,
                                          files.certificate)
                            : fmt::format("key {}: {}", files.key, reason));
  }
  return {};
}

// The seconds from 1970 to an ASN.1 time.
std::int64_t unix_seconds(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<std::int64_t>(::timegm(&parts));
}

}  // namespace

void FreeSslContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Result<void> check_strength(x509_st* certificate, const std::string& path) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr || EVP_PKEY_get_security_bits(key) < kLeastBits) {
    ERR_clear_error();
    return invalid(
        fmt::format("certificate {}: its key has less than {} bits of security "
                    "(RSA 2048, P-256 and Ed25519 have enough)",
                    path, kLeastBits));
  }
  int bits = 0;
  if (X509_get_signature_info(certificate, nullptr, nullptr, &bits, nullptr) != 1 ||
      bits < kLeastBits) {
    ERR_clear_error();
    return invalid(
        fmt::format("certificate {}: is signed with a weak hash; SHA-256 is the least", path));
  }
  return {};
}

Result<SslContextHandle> make_server_context(const TlsFiles& files) {
  ERR_clear_error();
  SslContextHandle made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made.get();
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
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets only: no shared memory
  // Ours says more of what is weak than the library's level, which stands again behind it.
  const int level = SSL_CTX_get_security_level(context);
  SSL_CTX_set_security_level(context, 0);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return invalid(fmt::format("certificate {}: {}", files.certificate, openssl_error()));
  }
  if (auto used = use_key(context, files); !used) return std::unexpected(used.error());
  if (auto strong = check_strength(SSL_CTX_get0_certificate(context), files.certificate); !strong) {
    return std::unexpected(strong.error());
  }
  SSL_CTX_set_security_level(context, std::max(level, 2));
  return made;
}

Result<Staple> load_staple(const std::string& path, x509_st* certificate) {
  auto der = read_file("OCSP response", path);
  if (!der) return std::unexpected(der.error());
  const auto* bytes = reinterpret_cast<const unsigned char*>(der->data());
  const Owned<OCSP_RESPONSE> response(
      d2i_OCSP_RESPONSE(nullptr, &bytes, static_cast<long>(der->size())));
  const bool successful = response != nullptr &&
                          OCSP_response_status(response.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
  const Owned<OCSP_BASICRESP> basic(successful ? OCSP_response_get1_basic(response.get())
                                               : nullptr);
  ERR_clear_error();
  if (basic == nullptr) {
    return invalid(fmt::format("OCSP response {}: is no successful answer in DER", path));
  }
  for (int i = 0; i < OCSP_resp_count(basic.get()); ++i) {
    OCSP_SINGLERESP* single = OCSP_resp_get0(basic.get(), i);
    ASN1_INTEGER* serial = nullptr;
    OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial,
                      const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single)));
    if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(certificate)) != 0) continue;
    ASN1_GENERALIZEDTIME* until = nullptr;
    if (OCSP_single_get0_status(single, nullptr, nullptr, nullptr, &until) !=
        V_OCSP_CERTSTATUS_GOOD) {
      return invalid(fmt::format("OCSP response {}: says that the certificate is not good", path));
    }
    return Staple{std::move(*der), unix_seconds(until)};
  }
  return invalid(fmt::format("OCSP response {}: is about another certificate", path));
}

Result<std::string> trust_clients(ssl_ctx_st* context, const std::string& path) {
  auto text = read_file("client authorities", path);
  if (!text) return std::unexpected(text.error());
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(path.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, path.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    ERR_clear_error();
    return invalid(fmt::format("client authorities {}: hold no certificate in PEM", path));
  }
  SSL_CTX_set_client_CA_list(context, names);  // takes them
  return std::move(*text);
}

}  // namespace sallyport::http
