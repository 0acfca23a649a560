#include "server/poller.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>
#include <string>

namespace sallyport::server {
namespace {

class PollerTest : public testing::Test {
 protected:
  PollerTest() : poller([this](Callback callback) { posted.push_back(std::move(callback)); }) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    readiness = poller.watch(ends[0]);
    EXPECT_NE(readiness, nullptr);
  }
  ~PollerTest() override {
    readiness.reset();
    ::close(ends[0]);
    if (ends[1] >= 0) ::close(ends[1]);
  }
  void send(std::string_view bytes) {
    EXPECT_EQ(::send(ends[1], bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  void turn() {
    poller.run();
    while (!posted.empty()) {
      auto callback = std::move(posted.front());
      posted.pop_front();
      callback();
    }
  }
  void receive() {
    char buffer[100];
    EXPECT_GT(::recv(ends[0], buffer, sizeof buffer, 0), 0);
    readiness->drained();
  }

  int ends[2] = {-1, -1};
  std::deque<Callback> posted;
  Poller poller;
  std::unique_ptr<http::Readiness> readiness;
  int calls = 0;
};

TEST_F(PollerTest, CallsBackOnceForEachWait) {
  readiness->when_readable([this] { ++calls; });
  turn();
  EXPECT_EQ(calls, 0);
  send("a");
  EXPECT_EQ(calls, 0) << "never from within";
  turn();
  EXPECT_EQ(calls, 1);
  receive();
  send("b");
  turn();
  EXPECT_EQ(calls, 1) << "nobody waits";
  EXPECT_TRUE(readiness->is_stirred());
  readiness->when_readable([this] { ++calls; });
  EXPECT_EQ(calls, 1);
  turn();
  EXPECT_EQ(calls, 2) << "what came before the wait is not lost";
}

TEST_F(PollerTest, AfterDrainedOnlyNewsEndAWait) {
  send("a");
  turn();
  receive();
  EXPECT_FALSE(readiness->is_stirred());
  readiness->when_readable([this] { ++calls; });
  turn();
  EXPECT_EQ(calls, 0);
  send("b");
  turn();
  EXPECT_EQ(calls, 1);
}

TEST_F(PollerTest, TheEndIsNotForgottenWithTheLastBytes) {
  send("a");
  ::close(std::exchange(ends[1], -1));
  turn();
  receive();
  readiness->when_readable([this] { ++calls; });
  turn();
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(readiness->is_stirred());
}

TEST_F(PollerTest, BothDirectionsCanBeWaitedFor) {
  int writable = 0;
  turn();
  readiness->when_readable([this] { ++calls; });
  readiness->when_writable([&writable] { ++writable; });
  turn();
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(writable, 1);
  readiness->filled();
  readiness->when_writable([&writable] { ++writable; });
  turn();
  EXPECT_EQ(writable, 1) << "until there is room again";
  readiness->cancel();
  turn();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(writable, 2);
}

TEST_F(PollerTest, WhatIsDestroyedIsForgotten) {
  readiness->when_readable([this] { ++calls; });
  send("a");
  readiness->cancel();
  readiness.reset();
  turn();
  EXPECT_EQ(calls, 0);
  // Another one takes its place, and gets nothing that was meant for the first.
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  auto other = poller.watch(pair[0]);
  other->when_readable([this] { ++calls; });
  turn();
  EXPECT_EQ(calls, 0);
  other.reset();
  ::close(pair[0]);
  ::close(pair[1]);
}

TEST_F(PollerTest, ACallMayDestroyWhatCalled) {
  readiness->when_readable([this] {
    ++calls;
    readiness.reset();
  });
  readiness->when_writable([this] { ++calls; });
  send("a");
  turn();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace sallyport::server
