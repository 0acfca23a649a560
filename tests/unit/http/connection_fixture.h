// A Connection on one end of a socket pair, the test on the other; readiness by poll(2), time by
// hand. Shared by the connection tests.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "http/connection.h"

namespace sallyport::http {

class PollReadiness final : public Readiness {
 public:
  void when_readable(Callback callback) override { wait(POLLIN, std::move(callback)); }
  void when_writable(Callback callback) override { wait(POLLOUT, std::move(callback)); }
  void cancel() override { cancelled_ = true; }
  void after_others(Callback callback) override {
    wait(0, std::move(callback));
    cancelled_ = true;  // due at the next turn, whatever the socket says
  }

  // Runs the waiting callback when it is due; true when one ran.
  bool turn(int socket) {
    if (!callback_) return false;
    pollfd entry{socket, events_, 0};
    if (!cancelled_ && ::poll(&entry, 1, 0) <= 0) return false;
    cancelled_ = false;
    auto callback = std::exchange(callback_, {});
    callback();
    return true;
  }

 private:
  void wait(short events, Callback callback) {
    events_ = events;
    callback_ = std::move(callback);
  }
  short events_ = 0;
  bool cancelled_ = false;
  Callback callback_;
};

// Echoes what it was asked; what it saw can be looked at afterwards.
class EchoExchange final : public Exchange {
 public:
  struct Log {
    std::vector<std::string> answered;
    std::vector<Reason> refused;
    std::vector<Outcome> finished;
  };
  explicit EchoExchange(Log& log) : log_(log) {}

  Task<Response> answer(Request& request, BodyReader& body) override {
    std::string text = std::string(to_string(request.method)) + " " + std::string(request.path);
    log_.answered.push_back(text);
    Response response;
    if (request.path == "/big") text = std::string(300'000, 'x');
    if (request.path == "/close") response.close = true;
    if (request.path != "/unread") {
      auto content = co_await body.read_all(request.path == "/long" ? 1'000'000 : 1'000);
      if (content) {
        text += " [" + *content + "]";
      } else {
        constexpr int kStatus[] = {413, 408, 400, 499};
        response.head.set_status(kStatus[static_cast<int>(content.error())]);
        const auto again = co_await body.read_all(1'000);
        EXPECT_FALSE(again) << "what could not be read once cannot be read again";
      }
    }
    response.body = std::move(text);
    co_return response;
  }
  Response refuse(const BrokenHead& broken) override {
    log_.refused.push_back(broken.reason);
    Response response;
    response.head.set_status(broken.reason == Reason::HeadTimeout ? 408 : 400);
    response.body = "refused";
    response.reason = broken.reason;
    return response;
  }
  void finish(const Outcome& outcome) override { log_.finished.push_back(outcome); }

 private:
  Log& log_;
};

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() { open(nullptr, Transport::Trusted); }
  ~ConnectionTest() override { ::close(ours_); }

  // A connection of its own, instead of the one that each test begins with.
  void reopen(const TlsContext* tls, Transport transport) {
    connection_.reset();
    ::close(ours_);
    open(tls, transport);
  }
  void open(const TlsContext* tls, Transport transport) {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ours_ = pair[0];
    theirs_ = pair[1];
    for (const int socket : pair) ::fcntl(socket, F_SETFL, O_NONBLOCK);
    auto readiness = std::make_unique<PollReadiness>();
    readiness_ = readiness.get();
    context_.ended = [this](Connection&) { ended_ = true; };
    connection_ = std::make_unique<Connection>(
        context_, theirs_, tls, std::move(readiness), std::make_unique<EchoExchange>(log_),
        Peer{*IpAddress::parse("192.0.2.9"), 4711, transport, announced_});
    connection_->start();
  }

  // Sends, and lets the connection work until it waits for more.
  void send(std::string_view bytes) {
    ASSERT_EQ(::send(ours_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    work();
  }
  void work() {
    do {
      receive();
    } while (readiness_->turn(theirs_) && ++turns_ > 0);
    receive();
  }
  void receive() {
    char buffer[65536];
    for (;;) {
      const ssize_t got = ::recv(ours_, buffer, sizeof buffer, 0);
      if (got <= 0) {
        closed_ = closed_ || got == 0;
        return;
      }
      received_.append(buffer, static_cast<std::size_t>(got));
    }
  }
  std::string take() { return std::exchange(received_, {}); }
  // The worker's tick after so much time.
  void pass(std::int64_t us) {
    clock_.advance_us(us);
    connection_->tick(clock_.monotonic_us());
    work();
  }
  static bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  bool announced_ = false;  // of the next open()
  ManualClock clock_;
  config::Limits limits_;
  EchoExchange::Log log_;
  bool ended_ = false;
  int turns_ = 0;  // times that the connection waited and went on
  bool closed_ = false;
  std::string received_;
  int ours_ = -1;
  int theirs_ = -1;
  PollReadiness* readiness_ = nullptr;
  ConnectionContext context_{limits_, clock_, SeededRandom(1), false, 0, {}, {}};
  std::unique_ptr<Connection> connection_;
};

}  // namespace sallyport::http
