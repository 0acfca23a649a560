#include "proxy/link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sallyport::proxy {
namespace {

constexpr std::size_t kFirstBuffer = 8 * 1024;

}  // namespace

// Of TLS something may have come that is no answer: a ticket, say.
bool Link::is_quiet() {
  if (begin_ != end_) return false;
  if (!readiness_->is_stirred() && !stream_.has_pending()) return true;
  return fill(1).status == http::IoStatus::WantRead;
}

int Link::connect_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(stream_.socket(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  if (error != 0) return error;
  // Woken too early, a socket has no error and no peer.
  sockaddr_storage peer{};
  size = sizeof peer;
  if (::getpeername(stream_.socket(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return errno;
  return 0;
}

http::IoResult Link::handshake() {
  const http::IoResult result = stream_.handshake();
  if (result.status == http::IoStatus::WantRead) readiness_->drained();
  if (result.status == http::IoStatus::WantWrite) readiness_->filled();
  return result;
}

Task<Reason> Link::establish(const bool* expired) {
  int error = connect_error();
  while (error != 0) {
    if (error != ENOTCONN && error != EINPROGRESS && error != EALREADY) {
      co_return error == ETIMEDOUT ? Reason::UpstreamTooSlow : Reason::UpstreamRefused;
    }
    readiness_->filled();
    co_await writable();
    if (*expired) co_return Reason::UpstreamTooSlow;
    error = connect_error();
  }
  for (;;) {
    const http::IoResult result = handshake();
    if (result.status == http::IoStatus::Done) co_return Reason::Ok;
    if (result.status == http::IoStatus::WantWrite) {
      co_await writable();
    } else if (result.status == http::IoStatus::WantRead) {
      co_await readable();
    } else {
      co_return Reason::UpstreamTls;
    }
    if (*expired) co_return Reason::UpstreamTooSlow;
  }
}

http::IoResult Link::write(std::string_view bytes) {
  const http::IoResult result = stream_.write(bytes);
  if (result.status == http::IoStatus::WantWrite) readiness_->filled();
  return result;
}

http::IoResult Link::fill(std::size_t at_least) {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.size() - end_ < at_least) {
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (buffer_.size() - end_ < at_least) {
      buffer_.resize(std::max({kFirstBuffer, buffer_.size() * 2, end_ + at_least}));
    }
  }
  const http::IoResult result = stream_.read({buffer_.data() + end_, buffer_.size() - end_});
  if (result.status == http::IoStatus::Done) end_ += result.bytes;
  if (stream_.is_drained()) readiness_->drained();
  return result;
}

void Link::shrink() {
  begin_ = end_ = 0;
  if (buffer_.size() > kFirstBuffer) std::vector<char>(kFirstBuffer).swap(buffer_);
}

void Link::Wait::await_suspend(std::coroutine_handle<> waiting) {
  Link* own = &link;
  if (write) {
    own->writer_ = waiting;
    own->readiness_->when_writable([own] { own->wake_writer(); });
  } else {
    own->reader_ = waiting;
    own->readiness_->when_readable([own] { own->wake_reader(); });
  }
}

void Link::wake_reader() {
  if (auto waiting = std::exchange(reader_, {})) waiting.resume();
}

void Link::wake_writer() {
  if (auto waiting = std::exchange(writer_, {})) waiting.resume();
}

std::unique_ptr<Link> open_link(Upstream& upstream, std::size_t endpoint,
                                http::ReadinessSource& sockets) {
  const SocketAddress address = upstream.address(endpoint);
  if (address.size == 0) return nullptr;
  const int socket =
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (socket < 0) return nullptr;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  // Watched only now: a socket that is not connecting has hung up, says epoll.
  auto readiness = connected == 0 || errno == EINPROGRESS ? sockets.watch(socket) : nullptr;
  if (readiness == nullptr) {
    ::close(socket);
    return nullptr;
  }
  http::SslHandle tls;
  if (upstream.tls() != nullptr) {
    tls = upstream.tls()->connect(socket, upstream.tls_name(endpoint));
  }
  return std::make_unique<Link>(socket, std::move(tls), std::move(readiness), endpoint);
}

}  // namespace sallyport::proxy
