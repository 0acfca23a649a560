// What a TLS listener's connections share: the certificates of all virtual hosts, one of which the
// client hello chooses by its server name, and the protocol rules: TLS 1.2 and 1.3, AEAD suites
// with forward secrecy, no renegotiation, no compression, no early data. A session is resumed only
// at the host it was made for. Made on the control thread, then read-only and shared by workers; a
// connection keeps what it needs of it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/result.h"
#include "config/host_tls.h"
#include "http/ticket_keys.h"
#include "http/tls_credentials.h"

struct ssl_st;

namespace sallyport::http {

struct FreeSsl {
  void operator()(ssl_st* ssl) const;
};
using SslHandle = std::unique_ptr<ssl_st, FreeSsl>;

struct TlsHost {
  std::string name;  // lower case: "api.example.com", or "*.example.com" for one label in front
  config::HostTls settings;
};

class TlsContext {
  struct Private {};  // made by load() only

 public:
  TlsContext(Private, SslContextHandle context, const Digest& clients)
      : context_(std::move(context)), clients_(clients) {}
  // `fallback` is what a client sees that names no host, or one that we do not know, and what a
  // host has that sets none of its own. Errors name the file, and the host when it is one's own.
  // `tickets` outlives every connection.
  static Result<std::shared_ptr<TlsContext>> load(const TlsFiles& fallback,
                                                  const std::vector<TlsHost>& hosts,
                                                  TicketKeys& tickets);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Whether a client that one of them has verified is as good, and as who it was, under the other.
  bool same_clients(const TlsContext& other) const { return clients_ == other.clients_; }

  SslHandle accept(int socket) const;  // non-blocking server side on a connected socket
  // After the handshake, or a resumption: whether the client has shown a certificate that is good
  // here, and whom it names.
  static bool has_verified_client(const SslHandle& ssl);
  static std::optional<std::string> client_name_of(const SslHandle& ssl);
  static std::int64_t client_end_us_of(const SslHandle& ssl);

 private:
  SslContextHandle context_;
  Digest clients_;  // of all hosts that ask for certificates
};

// The host name in the content of a server_name extension (RFC 6066 3), in lower case without a dot
// at its end; empty when there is none or it is malformed.
std::string server_name_in(std::span<const std::uint8_t> extension);

}  // namespace sallyport::http
