#include "proxy/pool.h"

#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

class PoolTest : public ProxyTest {
 protected:
  std::unique_ptr<Link> linked() {
    auto link = pool->open(0);
    until([this] { return played.accept(); });
    return link;
  }
};

TEST_F(PoolTest, EachEndpointHasItsTurn) {
  settings.endpoints.push_back(settings.endpoints[0]);
  settings.endpoints.push_back(settings.endpoints[0]);
  open();
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(pool->pick({}), i % 3);
  EXPECT_EQ(pool->pick(0), 1U) << "not the one that just failed";
}

TEST_F(PoolTest, OrTheOneWithTheFewestRequests) {
  settings.endpoints.push_back(settings.endpoints[0]);
  settings.balance = config::Balance::LeastRequest;
  open();
  pool->begin(0);
  EXPECT_EQ(pool->pick({}), 1U);
  EXPECT_EQ(pool->pick({}), 1U);
  pool->begin(1);
  pool->begin(1);
  EXPECT_EQ(pool->pick({}), 0U);
  pool->end(1);
  pool->end(1);
  EXPECT_EQ(pool->pick({}), 1U);
}

TEST_F(PoolTest, TheLastUsableOneIsTakenAgain) {
  open();
  EXPECT_EQ(pool->pick(0), 0U);
  for (std::uint32_t i = 0; i < settings.health.unhealthy_after; ++i)
    upstream->note_check(0, false);
  EXPECT_EQ(pool->pick({}), std::nullopt);
}

TEST_F(PoolTest, TheBreakerCountsWhatIsInFlight) {
  settings.max_in_flight = 2;
  open();
  EXPECT_TRUE(pool->enter());
  EXPECT_TRUE(pool->enter());
  EXPECT_FALSE(pool->enter());
  pool->leave();
  EXPECT_TRUE(pool->enter());
}

TEST_F(PoolTest, TheBreakerIsOneForAllWorkers) {
  settings.max_in_flight = 3;
  open();
  Pool other(*upstream, sockets, clock, 2);
  EXPECT_TRUE(pool->enter());
  EXPECT_TRUE(pool->enter());
  EXPECT_TRUE(other.enter());
  EXPECT_FALSE(other.enter());
  EXPECT_FALSE(pool->enter());
  pool->leave();
  EXPECT_TRUE(other.enter()) << "whichever of them has room";
  other.leave();
  other.leave();
  pool->leave();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(other.enter());
  EXPECT_FALSE(pool->enter());
}

TEST_F(PoolTest, OfManyAWorkerKeepsFewThatItDoesNotNeed) {
  settings.max_in_flight = 1'000;
  open();
  Pool other(*upstream, sockets, clock, 2);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(pool->enter());
  EXPECT_FALSE(other.enter());
  for (int i = 0; i < 1'000; ++i) pool->leave();
  int left = 0;
  while (other.enter()) ++left;
  EXPECT_GE(left, 1'000 * 7 / 8);
}

TEST_F(PoolTest, RetriesAreAShareOfTheRequests) {
  settings.retry_percent = 20;
  settings.max_in_flight = 1'000;
  open();
  int free = 0;
  while (pool->may_retry()) ++free;
  EXPECT_EQ(free, 10) << "a few are always there";
  for (int i = 0; i < 10; ++i) pool->enter();
  EXPECT_TRUE(pool->may_retry());
  EXPECT_TRUE(pool->may_retry());
  EXPECT_FALSE(pool->may_retry()) << "two for ten";
}

TEST_F(PoolTest, AQuietConnectionIsTakenAgainOneThatSpokeOrLeftIsNot) {
  open();
  auto link = linked();
  pool->keep(std::move(link));
  link = pool->take(0);
  ASSERT_NE(link, nullptr);
  EXPECT_TRUE(link->is_used());
  pool->keep(std::move(link));
  played.send("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(pool->take(0), nullptr);
  EXPECT_EQ(upstream->counters().surplus, 1U);
  pool->keep(linked());
  EXPECT_EQ(pool->take(0), nullptr) << "after that it is not trusted for a while";
  clock.advance_us(61'000'000);
  pool->keep(linked());
  played.close_last();
  EXPECT_EQ(pool->take(0), nullptr);
  EXPECT_EQ(upstream->counters().surplus, 1U);
}

TEST_F(PoolTest, WhatIsIdleTooLongGoes) {
  settings.kept_timeout = std::chrono::milliseconds(1'000);
  open();
  pool->keep(linked());
  clock.advance_us(900'000);
  pool->tick(clock.monotonic_us());
  auto link = pool->take(0);
  ASSERT_NE(link, nullptr);
  pool->keep(std::move(link));
  clock.advance_us(1'100'000);
  pool->tick(clock.monotonic_us());
  EXPECT_EQ(pool->take(0), nullptr);
}

TEST_F(PoolTest, NoMoreAreKeptThanTheSettingSays) {
  settings.kept_connections = 1;
  open();
  auto first = linked();
  auto second = linked();
  pool->keep(std::move(first));
  pool->keep(std::move(second));
  EXPECT_NE(pool->take(0), nullptr);
  EXPECT_EQ(pool->take(0), nullptr);
}

}  // namespace
}  // namespace sallyport::proxy
