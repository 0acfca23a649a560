#include "messaging/channels/net_connector.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "support/test_certificate.h"
#include "unit/messaging/channels/loopback_peer.h"

namespace sallyport::messaging::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr auto kPatience = std::chrono::seconds(20);

struct Outcome {
  std::string got;    // what was read, all together
  std::string error;  // of the step that failed
};

// What a test does with a stream; the deadline holds for each step.
struct Plan {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  bool tls = false;
  TlsPolicy policy = {};
  std::string send = {};
  std::size_t read_at_least = 0;  // then ends; more than there is: reads to the end
  std::int64_t patience_us = 10 * kSecond;
};

Task<Outcome> act(Connector* connector, const Clock* clock, Plan plan) {
  const auto until = [clock, &plan] { return clock->monotonic_us() + plan.patience_us; };
  auto connected = co_await connector->connect(plan.host, plan.port, until());
  if (!connected) co_return Outcome{"", "connect: " + connected.error().message};
  const std::unique_ptr<Stream> stream = std::move(*connected);
  if (plan.tls) {
    const Result<void> secured = co_await stream->start_tls(plan.policy, until());
    if (!secured) co_return Outcome{"", "tls: " + secured.error().message};
  }
  const Result<void> written = co_await stream->write_all(plan.send, until());
  if (!written) co_return Outcome{"", "write: " + written.error().message};
  Outcome outcome;
  std::array<char, 4096> buffer{};
  while (outcome.got.size() < plan.read_at_least) {
    const Result<std::size_t> count = co_await stream->read_some(buffer, until());
    if (!count) co_return Outcome{outcome.got, "read: " + count.error().message};
    if (*count == 0) break;
    outcome.got.append(buffer.data(), *count);
  }
  stream->close();
  const Result<std::size_t> after = co_await stream->read_some(buffer, until());
  if (after) outcome.error = "a closed stream reads";
  co_return outcome;
}

Task<void> drive(Connector* connector, const Clock* clock, Plan plan, std::promise<Outcome>* done) {
  Outcome outcome = co_await act(connector, clock, std::move(plan));
  done->set_value(std::move(outcome));
}

class NetConnectorTest : public testing::Test {
 protected:
  Outcome run(Plan plan) {
    std::promise<Outcome> done;
    auto future = done.get_future();
    Task<void> task = drive(connector_.get(), &clock_, std::move(plan), &done);
    loop_.post([&task] { task.start(); });
    if (future.wait_for(kPatience) != std::future_status::ready) std::abort();
    finish();
    return future.get();
  }
  // Everything posted so far has run: the task's frame is done with.
  void finish() {
    std::promise<void> passed;
    auto future = passed.get_future();
    loop_.post([&passed] { passed.set_value(); });
    if (future.wait_for(kPatience) != std::future_status::ready) std::abort();
  }

  SystemClock clock_;
  DeliveryLoop loop_{clock_};
  std::unique_ptr<Connector> connector_ = loop_.make_connector();
};

TEST_F(NetConnectorTest, TalksOverTcp) {
  LoopbackPeer peer([](int socket) {
    const std::string line = receive_until(socket, "\n");
    send_text(socket, "you said " + line);
  });
  const Outcome outcome = run({.port = peer.port(), .send = "hello\n", .read_at_least = 15});
  EXPECT_EQ(outcome.got, "you said hello\n");
  EXPECT_EQ(outcome.error, "");
}

TEST_F(NetConnectorTest, FindsNames) {
  LoopbackPeer peer([](int socket) { send_text(socket, "hi"); });
  const Outcome outcome = run({.host = "localhost", .port = peer.port(), .read_at_least = 100});
  EXPECT_EQ(outcome.got, "hi") << outcome.error;
}

TEST_F(NetConnectorTest, WritesMoreThanTheSocketTakesAtOnce) {
  constexpr std::size_t kSize = 8 * 1024 * 1024;
  LoopbackPeer peer([](int socket) {
    std::size_t total = 0;
    std::string buffer(65536, '\0');
    while (total < kSize) {
      const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      total += static_cast<std::size_t>(got);
    }
    send_text(socket, std::to_string(total));
  });
  const Outcome outcome =
      run({.port = peer.port(), .send = std::string(kSize, 'x'), .read_at_least = 100});
  EXPECT_EQ(outcome.got, std::to_string(kSize)) << outcome.error;
}

TEST_F(NetConnectorTest, SilenceEndsAtTheDeadline) {
  std::promise<void> leave;
  LoopbackPeer peer([&leave](int) { leave.get_future().wait(); });
  const std::int64_t before = clock_.monotonic_us();
  const Outcome outcome =
      run({.port = peer.port(), .read_at_least = 1, .patience_us = kSecond / 10});
  EXPECT_EQ(outcome.error, "read: no answer in time");
  EXPECT_GE(clock_.monotonic_us() - before, kSecond / 10);
  leave.set_value();
}

TEST_F(NetConnectorTest, AHandshakeThatIsNotAnsweredEndsAtTheDeadline) {
  std::promise<void> leave;
  LoopbackPeer peer([&leave](int) { leave.get_future().wait(); });
  const Outcome outcome = run({.port = peer.port(),
                               .tls = true,
                               .policy = {.host = "localhost", .ca_file = "", .verify = false},
                               .patience_us = kSecond / 10});
  EXPECT_EQ(outcome.error, "tls: no answer in time");
  leave.set_value();
}

TEST_F(NetConnectorTest, FailuresHaveTheirReason) {
  EXPECT_NE(run({.port = 1}).error.find("connect: Connection refused"), std::string::npos);
  EXPECT_TRUE(run({.host = "no such host.invalid", .port = 25}).error.starts_with("connect: "));
}

class TlsTest : public NetConnectorTest {
 protected:
  TlsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport_tls_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    sallyport::test::write_certificate(folder_);
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  Outcome secured(TlsPolicy policy) {
    LoopbackPeer peer([this](int socket) { serve_tls_echo(socket, folder_); });
    return run({.port = peer.port(),
                .tls = true,
                .policy = std::move(policy),
                .send = "hello\n",
                .read_at_least = 6});
  }
  std::string folder_;
};

TEST_F(TlsTest, TalksInsideTls) {
  const Outcome outcome = secured({.host = "localhost", .ca_file = folder_ + "/cert.pem"});
  EXPECT_EQ(outcome.got, "HELLO\n") << outcome.error;
}

TEST_F(TlsTest, VerifiesNameAndAuthority) {
  const Outcome other = secured({.host = "relay.example.com", .ca_file = folder_ + "/cert.pem"});
  EXPECT_NE(other.error.find("hostname mismatch"), std::string::npos) << other.error;
  const Outcome address = secured({.host = "192.0.2.1", .ca_file = folder_ + "/cert.pem"});
  EXPECT_NE(address.error.find("IP address mismatch"), std::string::npos) << address.error;
  const Outcome unknown = secured({.host = "localhost", .ca_file = ""});
  EXPECT_NE(unknown.error.find("self"), std::string::npos) << unknown.error;
  const Outcome unreadable = secured({.host = "localhost", .ca_file = folder_ + "/nothing"});
  EXPECT_NE(unreadable.error.find("authorities"), std::string::npos) << unreadable.error;
}

TEST_F(TlsTest, WithoutVerificationAnyCertificateWillDo) {
  EXPECT_EQ(secured({.host = "whoever", .ca_file = "", .verify = false}).got, "HELLO\n");
}

TEST_F(NetConnectorTest, PostsAndTimersRunOnTheLoop) {
  std::promise<std::pair<std::thread::id, std::int64_t>> fired;
  auto future = fired.get_future();
  const std::int64_t due = clock_.monotonic_us() + 20'000;
  loop_.post([this, due, &fired] {
    loop_.at(due, [this, &fired] {
      fired.set_value({std::this_thread::get_id(), clock_.monotonic_us()});
    });
  });
  ASSERT_EQ(future.wait_for(kPatience), std::future_status::ready);
  const auto [thread, time] = future.get();
  EXPECT_NE(thread, std::this_thread::get_id());
  EXPECT_GE(time, due);
}

TEST(DeliveryLoopTest, WhatHasNotRunByTheStopNeverRuns) {
  SystemClock clock;
  bool ran = false;
  {
    DeliveryLoop loop(clock);
    loop.stop();
    loop.stop();
    loop.post([&ran] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace sallyport::messaging::test
