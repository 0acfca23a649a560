#include "server/worker.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <utility>

#include "server/listeners.h"

namespace sallyport::server {
namespace {

class HelloExchange final : public http::Exchange {
 public:
  Task<http::Response> answer(http::Request&, http::BodyReader&) override {
    http::Response response;
    response.body = "hello";
    co_return response;
  }
  http::Response refuse(const http::BrokenHead&) override {
    http::Response response;
    response.head.set_status(400);
    return response;
  }
  void finish(const http::Outcome&) override {}
};

class HelloEntry final : public http::Entry {
 public:
  std::unique_ptr<http::Exchange> open() override { return std::make_unique<HelloExchange>(); }
};

void connect_with(int socket, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  connect_with(socket, port);
  return socket;
}

std::string read_answer(int socket) {
  std::string answer;
  char buffer[4096];
  while (answer.find("hello") == std::string::npos) {
    const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    answer.append(buffer, static_cast<std::size_t>(got));
  }
  return answer;
}

std::string ask(int socket) {
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(::send(socket, request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  return read_answer(socket);
}

class WorkerTest : public testing::Test {
 protected:
  void begin(std::uint32_t max_connections, std::function<void()> tick = [] {}) {
    config::Listener listener;
    listener.kind = config::ListenerKind::Trusted;
    auto group = open_group(listener, 1);
    ASSERT_TRUE(group);
    port_ = group->port;
    worker_ =
        std::make_unique<Worker>(WorkerTerms{limits_, max_connections}, clock_, metrics_.shard(0));
    worker_->add_listener(group->sockets[0], group->transport, {});
    worker_->set_entry(std::make_unique<HelloEntry>());
    worker_->on_tick(std::move(tick));
    worker_->start();
  }
  void end() {
    worker_->drain(std::chrono::milliseconds(5'000));
    worker_->join();
  }

  const SystemClock clock_;
  config::Limits limits_;
  telemetry::Metrics metrics_{{}, 1};
  std::uint16_t port_ = 0;
  std::unique_ptr<Worker> worker_;
};

TEST_F(WorkerTest, ServesAndDrains) {
  begin(100);
  const int socket = connect_to(port_);
  EXPECT_NE(ask(socket).find("hello"), std::string::npos);
  EXPECT_NE(ask(socket).find("hello"), std::string::npos) << "the connection is kept";
  end();
  char byte = 0;
  EXPECT_EQ(::recv(socket, &byte, 1, 0), 0) << "an idle connection is closed by the drain";
  ::close(socket);
  EXPECT_EQ(metrics_.shard(0).connections_accepted, 1U);
  EXPECT_EQ(metrics_.shard(0).connections_open, 0);
}

TEST_F(WorkerTest, RefusesMoreConnectionsThanItMayHold) {
  begin(1);
  const int first = connect_to(port_);
  EXPECT_NE(ask(first).find("hello"), std::string::npos);
  const int second = connect_to(port_);
  char byte = 0;
  EXPECT_LE(::recv(second, &byte, 1, 0), 0);
  EXPECT_NE(ask(first).find("hello"), std::string::npos) << "the first is not disturbed";
  ::close(second);
  ::close(first);
  end();
  EXPECT_EQ(metrics_.shard(0).connections_refused, 1U);
}

// Lowers the limit of open files to what is open now.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = ::dup(STDERR_FILENO);
    ::close(lowest_free);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(lowest_free);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(WorkerTest, WithoutDescriptorsItNeitherSpinsNorForgets) {
  std::atomic<int> ticks = 0;
  std::atomic<std::int64_t> used_us = 0;  // CPU time of the worker's thread
  begin(10, [&] {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    used_us = used.tv_sec * 1'000'000 + used.tv_nsec / 1'000;
    ++ticks;
  });
  // First a round with descriptors: UBSan's check of an object's type needs some the first time.
  const int first = connect_to(port_);
  EXPECT_NE(ask(first).find("hello"), std::string::npos);
  while (ticks < 2) ::poll(nullptr, 0, 1);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  {
    const NoDescriptors none;
    const std::int64_t before_us = used_us;
    connect_with(socket, port_);
    const int seen = ticks;
    while (ticks < seen + 4) ::poll(nullptr, 0, 1);
    EXPECT_LT(used_us - before_us, 30'000) << "of the 300,000 that passed at least";
    EXPECT_EQ(metrics_.shard(0).connections_accepted, 1U);
  }
  EXPECT_NE(ask(socket).find("hello"), std::string::npos) << "accepted once there is room";
  ::close(socket);
  ::close(first);
  end();
}

TEST_F(WorkerTest, DrainingServesWhatTheKernelHasAccepted) {
  begin(100);
  std::promise<void> held;
  std::promise<void> go;
  worker_->post([&] {
    held.set_value();
    go.get_future().wait();
  });
  held.get_future().get();
  const int socket = connect_to(port_);
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_GT(::send(socket, request.data(), request.size(), MSG_NOSIGNAL), 0);
  worker_->drain(std::chrono::milliseconds(5'000));
  go.set_value();
  EXPECT_NE(read_answer(socket).find("hello"), std::string::npos);
  ::close(socket);
  worker_->join();
}

TEST_F(WorkerTest, PostsInOrderAndCallsBackInTime) {
  begin(1);
  std::promise<std::string> order;
  std::string text;
  worker_->post([&] { text += "a"; });
  worker_->post([&] {
    text += "b";
    const std::int64_t started_us = clock_.monotonic_us();
    worker_->at(started_us + 20'000, [&, started_us] {
      EXPECT_GE(clock_.monotonic_us(), started_us + 20'000);
      order.set_value(text);
    });
  });
  EXPECT_EQ(order.get_future().get(), "ab");
  end();
}

TEST_F(WorkerTest, ATimerThatLiesAheadDoesNotHoldTheDrainUp) {
  begin(1);
  std::promise<void> set;
  worker_->post([&] {
    worker_->at(clock_.monotonic_us() + 3'600'000'000, [] { FAIL() << "an hour has not passed"; });
    set.set_value();
  });
  set.get_future().get();
  const std::int64_t started_us = clock_.monotonic_us();
  end();
  EXPECT_LT(clock_.monotonic_us() - started_us, 60'000'000);
}

TEST_F(WorkerTest, Ticks) {
  config::Listener listener;
  worker_ = std::make_unique<Worker>(WorkerTerms{limits_, 1}, clock_, metrics_.shard(0));
  std::promise<void> ticked;
  std::atomic<int> ticks = 0;
  worker_->on_tick([&] {
    if (++ticks == 2) ticked.set_value();
  });
  worker_->set_entry(std::make_unique<HelloEntry>());
  worker_->start();
  ticked.get_future().get();
  end();
}

}  // namespace
}  // namespace sallyport::server
