// What a TLS listener's connections share: certificate, key, protocol rules. TLS 1.2 and 1.3, AEAD
// suites with forward secrecy, no renegotiation, no compression, no early data. Made on the control
// thread, then read-only and shared by workers.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace sallyport::http {

struct FreeSsl {
  void operator()(ssl_st* ssl) const;
};
using SslHandle = std::unique_ptr<ssl_st, FreeSsl>;

class TlsContext {
  struct Private {};  // made by load() only

 public:
  TlsContext(Private, ssl_ctx_st* context) : context_(context) {}
  // Paths of PEM files: the chain, leaf first, and its key. Errors name the file: unreadable, key
  // readable by others, key that does not belong to the certificate, key too weak.
  static Result<std::shared_ptr<TlsContext>> load(const std::string& certificate,
                                                  const std::string& key);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  SslHandle accept(int socket) const;  // non-blocking server side on a connected socket

 private:
  ssl_ctx_st* context_;
};

}  // namespace sallyport::http
