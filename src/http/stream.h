// The bytes of a connection: a non-blocking socket, with TLS on it or without. Reads and writes
// happen at once or say what to wait for; they never block and never throw. Owns the socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/tls_context.h"

namespace sallyport::http {

enum class IoStatus : std::uint8_t { Done, WantRead, WantWrite, Closed, Fault };

struct IoResult {
  IoStatus status = IoStatus::Done;
  std::size_t bytes = 0;  // > 0 when Done
};

// What a client's certificate that was verified is worth.
struct VerifiedClient {
  bool verified = false;
  std::string user;           // whom it names, folded; empty = nobody, or several
  std::int64_t until_us = 0;  // wall clock; when it ends
};

class Stream {
 public:
  // Takes the connected, non-blocking socket. Without TLS when `tls` is null.
  Stream(int socket, const TlsContext* tls);
  // Takes a session too, of either side.
  Stream(int socket, SslHandle ssl);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  bool is_tls() const { return ssl_ != nullptr; }
  // The peer has ended it with an alert: in TLS 1.3 also about a certificate of ours that it saw
  // only behind our handshake.
  bool was_alerted() const { return alerted_; }
  // Done when there is nothing (left) to do. Fault with spoke_http() when a client speaks plain
  // HTTP to a TLS port: from then on the stream is plain, for one answer.
  IoResult handshake();
  bool spoke_http() const { return spoke_http_; }
  std::string_view server_name() const;  // SNI, "" without
  VerifiedClient client() const;         // after the handshake

  // Before the handshake: what has arrived stays where it is until it is skipped.
  IoResult peek(std::span<char> into);
  void skip(std::size_t bytes);

  // Bytes that TLS has already taken from the socket, which readiness will not tell about.
  bool has_pending() const;

  IoResult read(std::span<char> into);
  // The last read() took all that the socket had: what comes later is told by readiness.
  bool is_drained() const { return drained_; }
  IoResult write(std::string_view from);
  // No more writing: close_notify and FIN. The peer may still send, which is thrown away.
  void shutdown_write();
  int socket() const { return socket_; }
  ssl_st* session() const { return ssl_.get(); }

 private:
  void watch_reads();
  IoResult tls_result(int result, std::size_t bytes);

  int socket_;
  SslHandle ssl_;
  bool spoke_http_ = false;
  bool handshaken_ = false;
  bool alerted_ = false;
  bool drained_ = false;
};

}  // namespace sallyport::http
