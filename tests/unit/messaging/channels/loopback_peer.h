// A TCP server on loopback for one connection, on a thread of its own, that does what the test's
// function says with the socket; and TLS on that socket. Ends with its object.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace sallyport::messaging::test {

class LoopbackPeer {
 public:
  // `serve` gets a connected blocking socket, which is closed behind it.
  explicit LoopbackPeer(std::function<void(int socket)> serve);
  ~LoopbackPeer();
  LoopbackPeer(const LoopbackPeer&) = delete;
  LoopbackPeer& operator=(const LoopbackPeer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

std::string receive_until(int socket, std::string_view end);  // also ends with the connection
void send_text(int socket, std::string_view text);
// The server's handshake with folder/cert.pem and key.pem; echoes one line upper-cased.
void serve_tls_echo(int socket, const std::string& folder);

}  // namespace sallyport::messaging::test
