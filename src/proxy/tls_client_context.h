// What the TLS connections to one upstream share: the authorities that its certificate is verified
// with, our certificate if it wants one. Always verified, TLS 1.2 or 1.3. Made on the control
// thread, then read-only and shared by workers.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/upstream.h"
#include "http/tls_context.h"

namespace sallyport::proxy {

class TlsClientContext {
 public:
  // Errors name the file.
  static Result<std::unique_ptr<TlsClientContext>> load(const config::UpstreamTls& settings);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;

  // The non-blocking client side on a socket. `name` is what the certificate must have: a host
  // name, sent as SNI too, or an IP address.
  http::SslHandle connect(int socket, const std::string& name) const;

 private:
  explicit TlsClientContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

}  // namespace sallyport::proxy
