#include "messaging/housekeeping.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/manual_loop.h"
#include "unit/messaging/engine_fixture.h"
#include "unit/messaging/fake_store.h"

namespace sallyport::messaging::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

class HousekeepingTest : public testing::Test {
 protected:
  Message& add(std::uint64_t number) {
    Message& message = store_.messages[MessageId{0, number}];
    message.id = MessageId{0, number};
    message.account = kAccount;
    message.created_us = clock_.unix_us();
    return message;
  }
  ManualClock clock_;
  sallyport::test::ManualLoop loop_{clock_};
  SeededRandom random_{3};
  config::Messaging config_;
  FakeStore store_;
  ImmediateReclaimer reclaimer_;
  SenderTable senders_{reclaimer_};
  int wakes_ = 0;
  Housekeeping keeping_{config_, store_, senders_, loop_, clock_, random_, [this] { ++wakes_; }};
};

TEST_F(HousekeepingTest, RepeatsInTime) {
  add(1);
  const std::int64_t first = clock_.unix_us() + 60 * kSecond;
  store_.repeating[MessageId{0, 1}] = {MessageId{0, 1}, {2, 0, 0, 1, "UTC"}, first};
  keeping_.start();
  loop_.advance_us(30 * kSecond);
  EXPECT_EQ(store_.messages.size(), 1U);
  loop_.advance_us(40 * kSecond);
  EXPECT_EQ(store_.messages.size(), 2U);
  EXPECT_EQ(wakes_, 1);
  EXPECT_EQ(store_.repeating.at(MessageId{0, 1}).next_us, first + 60 * kSecond);
  loop_.advance_us(60 * kSecond);
  EXPECT_EQ(store_.messages.size(), 3U);
  loop_.advance_us(600 * kSecond);
  EXPECT_EQ(store_.messages.size(), 3U) << "two were wanted";
}

TEST_F(HousekeepingTest, WhatWasMissedIsMadeUpForOnce) {
  add(1);
  store_.repeating[MessageId{0, 1}] = {
      MessageId{0, 1}, {50, 0, 0, 1, "UTC"}, clock_.unix_us() - 10 * 60 * kSecond};
  keeping_.start();
  loop_.advance_us(kSecond);
  EXPECT_EQ(store_.messages.size(), 2U);
  EXPECT_GT(store_.repeating.at(MessageId{0, 1}).next_us, clock_.unix_us());
}

TEST_F(HousekeepingTest, AStoreThatIsAwayDelays) {
  add(1);
  store_.repeating[MessageId{0, 1}] = {MessageId{0, 1}, {1, 0, 0, 1, "UTC"}, clock_.unix_us()};
  store_.reads_fail = true;
  keeping_.start();
  loop_.advance_us(6 * kSecond);
  store_.reads_fail = false;
  store_.failing_writes = 1;
  loop_.advance_us(5 * kSecond);
  EXPECT_EQ(store_.messages.size(), 1U);
  loop_.advance_us(6 * kSecond);
  EXPECT_EQ(store_.messages.size(), 2U);
}

TEST_F(HousekeepingTest, DeletesWhatWasKeptLongEnough) {
  add(1).created_us -= 8LL * 86'400 * kSecond;
  add(2);
  SendingRules rules;
  rules.id = kAccount;
  rules.retention_days = 7;
  senders_.apply(Change{.put = {Entity(rules)}, .remove = {}, .events = {}, .audit = {}});
  keeping_.start();
  loop_.advance_us(kSecond);
  EXPECT_EQ(store_.messages.size(), 1U);
  EXPECT_TRUE(store_.messages.contains(MessageId{0, 2}));
  EXPECT_TRUE(std::ranges::any_of(store_.purged, [](const Retention& one) { return !one.account; }))
      << "what is no account's is not kept for ever";
}

TEST_F(HousekeepingTest, StopsWhenTold) {
  keeping_.start();
  loop_.advance_us(kSecond);
  keeping_.stop();
  loop_.run_all();
  const std::size_t before = store_.purged.size();
  loop_.advance_us(1'000 * kSecond);
  EXPECT_EQ(store_.purged.size(), before);
}

}  // namespace
}  // namespace sallyport::messaging::test
