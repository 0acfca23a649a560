#include "unit/proxy/proxy_fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sallyport::proxy {

class PollSockets::Watched final : public http::Readiness {
 public:
  Watched(PollSockets& all, int socket) : all_(all), socket_(socket) {
    all.watched_.push_back(this);
  }
  ~Watched() override { std::erase(all_.watched_, this); }
  void when_readable(Callback callback) override { readable_ = std::move(callback); }
  void when_writable(Callback callback) override { writable_ = std::move(callback); }
  void cancel() override { cancelled_ = true; }
  void after_others(Callback callback) override { writable_ = std::move(callback); }
  bool is_stirred() const override {
    pollfd entry{socket_, POLLIN, 0};
    return ::poll(&entry, 1, 0) > 0;
  }
  Callback take_due() {
    const bool all = std::exchange(cancelled_, false);
    short events = 0;
    if (readable_) events |= POLLIN;
    if (writable_) events |= POLLOUT;
    pollfd entry{socket_, events, 0};
    if (events == 0 || (::poll(&entry, 1, 0) <= 0 && !all)) return {};
    const bool failed = (entry.revents & (POLLERR | POLLHUP)) != 0;
    if (readable_ && (all || failed || (entry.revents & POLLIN) != 0)) {
      return std::exchange(readable_, {});
    }
    return writable_ ? std::exchange(writable_, {}) : Callback();
  }

 private:
  PollSockets& all_;
  int socket_;
  bool cancelled_ = false;
  Callback readable_;
  Callback writable_;
};

std::unique_ptr<http::Readiness> PollSockets::watch(int socket) {
  return std::make_unique<Watched>(*this, socket);
}

bool PollSockets::turn() {
  for (Watched* one : watched_) {
    if (Callback callback = one->take_due()) {
      callback();  // may end anything: the list is looked at anew
      return true;
    }
  }
  return false;
}

PlayedUpstream::PlayedUpstream()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_, 16), 0);
  EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
}

PlayedUpstream::~PlayedUpstream() {
  ::close(listener_);
  for (const int socket : sockets_) {
    if (socket >= 0) ::close(socket);
  }
}

bool PlayedUpstream::accept() {
  const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return false;
  sockets_.push_back(socket);
  received_.emplace_back();
  return true;
}

void PlayedUpstream::send(std::string_view bytes) {
  ASSERT_EQ(::send(sockets_.back(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

void PlayedUpstream::close_last() { ::close(std::exchange(sockets_.back(), -1)); }

std::string& PlayedUpstream::received() {
  char buffer[65536];
  ssize_t got = 0;
  while (sockets_.back() >= 0 && (got = ::recv(sockets_.back(), buffer, sizeof buffer, 0)) > 0) {
    received_.back().append(buffer, static_cast<std::size_t>(got));
  }
  return received_.back();
}

struct GivenBody::Wait {
  GivenBody& body;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) { body.waiting_ = waiting; }
  void await_resume() const noexcept {}
};

http::BodyPiece GivenBody::arrived() {
  if (pieces.empty()) return std::string_view();
  current_ = pieces.front();
  pieces.erase(pieces.begin());
  return current_;
}

Task<http::BodyPiece> GivenBody::next() {
  for (;;) {
    if (fault_) co_return std::unexpected(*fault_);
    if (!pieces.empty() || ended()) co_return arrived();
    co_await Wait{*this};
  }
}

void GivenBody::give(std::string piece, bool last) {
  pieces.push_back(std::move(piece));
  complete = last;
  if (auto waiting = std::exchange(waiting_, {})) waiting.resume();
}

void GivenBody::fail(http::BodyFault why) {
  fault_ = why;
  if (auto waiting = std::exchange(waiting_, {})) waiting.resume();
}

ProxyTest::ProxyTest() {
  settings.name = "played";
  settings.endpoints.push_back({"127.0.0.1", played.port()});
  api.name = "orders";
}

void ProxyTest::open() {
  auto opened = Upstream::open(settings, clock);
  ASSERT_TRUE(opened) << opened.error().message;
  upstream = std::move(*opened);
  upstream->resolve();
  pool = std::make_unique<Pool>(*upstream, sockets, clock, 1);
}

bool ProxyTest::settle() {
  bool any = false;
  while (sockets.turn()) any = true;
  return any;
}

void ProxyTest::until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (!done()) {
    settle();
    if (done()) return;
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "not in time";
    ::poll(nullptr, 0, 1);
  }
}

}  // namespace sallyport::proxy
