// One TLS identity from its files: certificate chain, key, stapled OCSP answer, and the authorities
// of clients' certificates. Each error names the file and the rule. Control thread; the handles are
// then read-only and shared by workers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;
struct x509_st;

namespace sallyport::http {

struct TlsFiles {
  std::string certificate;    // PEM chain, leaf first
  std::string key;            // PEM, readable by its owner only
  std::string ocsp_response;  // DER; empty = nothing is stapled
};

struct FreeSslContext {
  void operator()(ssl_ctx_st* context) const;
};
using SslContextHandle = std::unique_ptr<ssl_ctx_st, FreeSslContext>;

// Server side with the protocol rules of tls_context.h, and the certificate with its key.
Result<SslContextHandle> make_server_context(const TlsFiles& files);

// At least 112 bits (NIST SP 800-57: RSA 2048, P-224) in the key and in what signed it, SHA-1 being
// less. Errors begin with `path`.
Result<void> check_strength(x509_st* certificate, const std::string& path);

struct Staple {
  std::string der;
  std::int64_t good_until_s = 0;  // Unix time; 0 = without an end
};
// An answer that is successful, signed and about this certificate; its age is the reader's affair.
Result<Staple> load_staple(const std::string& path, x509_st* certificate);

// From now on clients' certificates are verified with the authorities in `path`, whose names are
// told to the client. The file's fingerprint, for the session id context.
Result<std::string> trust_clients(ssl_ctx_st* context, const std::string& path);

}  // namespace sallyport::http
