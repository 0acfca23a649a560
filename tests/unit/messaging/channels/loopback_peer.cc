#include "unit/messaging/channels/loopback_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <utility>

#include "base/result.h"

namespace sallyport::messaging::test {

LoopbackPeer::LoopbackPeer(std::function<void(int socket)> serve) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  SALLYPORT_CHECK(::bind(listener_, raw, length) == 0 && ::listen(listener_, 4) == 0 &&
                  ::getsockname(listener_, raw, &length) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([listener = listener_, serve = std::move(serve)] {
    const int socket = ::accept(listener, nullptr, nullptr);
    if (socket < 0) return;
    serve(socket);
    ::close(socket);
  });
}

LoopbackPeer::~LoopbackPeer() {
  ::shutdown(listener_, SHUT_RDWR);  // ends an accept that waits
  thread_.join();
  ::close(listener_);
}

std::string receive_until(int socket, std::string_view end) {
  std::string text;
  char byte = 0;
  while (!text.ends_with(end) && ::recv(socket, &byte, 1, 0) == 1) text += byte;
  return text;
}

void send_text(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void serve_tls_echo(int socket, const std::string& folder) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate_chain_file(context, (folder + "/cert.pem").c_str());
  SSL_CTX_use_PrivateKey_file(context, (folder + "/key.pem").c_str(), SSL_FILETYPE_PEM);
  SSL* session = SSL_new(context);
  SSL_set_fd(session, socket);
  if (SSL_accept(session) == 1) {
    std::string line;
    char byte = 0;
    while (!line.ends_with('\n') && SSL_read(session, &byte, 1) == 1) {
      line += static_cast<char>(std::toupper(static_cast<unsigned char>(byte)));
    }
    SSL_write(session, line.data(), static_cast<int>(line.size()));
    SSL_shutdown(session);
  }
  SSL_free(session);
  SSL_CTX_free(context);
}

}  // namespace sallyport::messaging::test
