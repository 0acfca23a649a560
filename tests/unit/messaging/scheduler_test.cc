#include "messaging/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messaging/loop_wait.h"
#include "support/manual_loop.h"
#include "unit/messaging/fake_store.h"

namespace sallyport::messaging::test {
namespace {

using Kind = RecipientResult::Kind;
constexpr std::int64_t kSecond = 1'000'000;

// Answers at once with what is set, or when the test says so.
class FakeChannel final : public Channel {
 public:
  ChannelKind kind() const override { return ChannelKind::Email; }
  Task<Delivery> deliver(Attempt attempt) override {
    attempts.push_back(attempt);
    const std::string& first = attempt.message.recipients[0].destination;
    if (hold || (!slow.empty() && first.ends_with(slow))) {
      LoopWait<bool> go;
      waiting.push_back(go.resolver());
      co_await go;
    }
    Delivery delivery;
    if (silent) co_return delivery;
    for (const std::int32_t recipient : attempt.recipients) {
      RecipientResult result;
      result.recipient = recipient;
      result.kind = kind_of.contains(recipient) ? kind_of[recipient] : all;
      result.code = code;
      result.text = "text";
      result.cause = cause;
      result.via = "fake";
      if (!away.empty() && first.ends_with(away)) {
        result.kind = Kind::Deferred;
        result.cause = RecipientResult::Cause::Destination;
      }
      delivery.results.push_back(std::move(result));
    }
    co_return delivery;
  }
  void let_all_go() {
    for (auto& one : std::exchange(waiting, {})) one(true);
  }

  Kind all = Kind::Sent;
  std::map<std::int32_t, Kind> kind_of;
  int code = 250;
  RecipientResult::Cause cause = RecipientResult::Cause::Recipient;
  std::string away;  // a domain that cannot be reached
  std::string slow;  // one that holds as `hold` does
  bool hold = false;
  bool silent = false;
  std::vector<Attempt> attempts;
  std::vector<LoopWait<bool>::Resolver> waiting;
};

class SchedulerTest : public testing::Test {
 protected:
  SchedulerTest() {
    config_.retry_delays = {std::chrono::milliseconds(10'000), std::chrono::milliseconds(100'000)};
    config_.active_window = 3;
    make();
  }
  void make() {
    scheduler_ = std::make_unique<Scheduler>(
        config_, store_, loop_, clock_, random_,
        Channels{.email = &live_, .sms = &sms_, .simulator = &test_}, policies_);
  }
  Message& add(std::uint64_t number, std::size_t recipients = 1,
               Environment environment = Environment::Live) {
    const MessageId id{0, number};
    Message& message = store_.messages[id];
    message.id = id;
    message.environment = environment;
    message.created_us = clock_.unix_us();
    message.content.body = "b";
    for (std::size_t i = 1; i <= recipients; ++i) {
      Recipient& one = message.recipients.emplace_back();
      one.index = static_cast<std::int32_t>(i);
      one.destination = "a@example.com";
      one.next_attempt_us = clock_.unix_us();
    }
    return message;
  }
  void start() {
    scheduler_->start();
    loop_.run_all();
  }
  const Recipient& recipient(std::uint64_t number, std::size_t index = 0) {
    return store_.messages.at(MessageId{0, number}).recipients[index];
  }

  config::Messaging config_;
  FakeStore store_;
  ManualClock clock_;
  sallyport::test::ManualLoop loop_{clock_};
  SeededRandom random_{3};
  FakeChannel live_;
  FakeChannel test_;
  FakeChannel sms_;
  InDoubtPolicies policies_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(SchedulerTest, SendsWhatIsDue) {
  add(1, 2);
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_EQ(recipient(1).attempts, 1);
  EXPECT_EQ(recipient(1).last_code, 250);
  EXPECT_EQ(recipient(1, 1).state, DeliveryState::Sent);
  ASSERT_EQ(live_.attempts.size(), 1U) << "recipients of one message go together";
  EXPECT_EQ(live_.attempts[0].message.content.body, "b");
  EXPECT_EQ(scheduler_->counters().sent, 2U);
  EXPECT_EQ(scheduler_->counters().active, 0);
}

TEST_F(SchedulerTest, WakesForWhatComesLater) {
  start();
  add(1);
  EXPECT_TRUE(loop_.idle());
  scheduler_->wake();
  scheduler_->wake();
  EXPECT_GE(loop_.run_all(), 1U);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
}

TEST_F(SchedulerTest, TheStartIsDurableBeforeTheWire) {
  add(1);
  store_.hold = true;
  start();
  EXPECT_EQ(store_.updates.size(), 1U);
  EXPECT_EQ(store_.updates[0].state, DeliveryState::Attempting);
  EXPECT_TRUE(live_.attempts.empty()) << "its commit has not come";
  scheduler_->wake();
  loop_.advance_us(3 * kSecond);
  EXPECT_EQ(store_.updates.size(), 1U) << "still due in the store, but in flight";
  store_.release();
  loop_.run_all();
  EXPECT_EQ(live_.attempts.size(), 1U);
  store_.release();
  loop_.run_all();
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
}

TEST_F(SchedulerTest, AStartThatCannotBeRecordedIsNoAttempt) {
  add(1);
  store_.failing_writes = 1;
  start();
  EXPECT_TRUE(live_.attempts.empty());
  EXPECT_EQ(recipient(1).state, DeliveryState::Pending);
  loop_.advance_us(2 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent) << "once the store is back";
}

TEST_F(SchedulerTest, AnEndThatCannotBeRecordedIsRecordedLater) {
  add(1);
  live_.hold = true;
  start();
  store_.failing_writes = 3;
  live_.let_all_go();
  loop_.run_all();
  EXPECT_EQ(recipient(1).state, DeliveryState::Attempting);
  loop_.advance_us(4 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_EQ(live_.attempts.size(), 1U) << "and not sent twice";
}

TEST_F(SchedulerTest, RetriesWithDelaysAndJitter) {
  add(1);
  live_.all = Kind::Deferred;
  live_.code = 451;
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::Deferred);
  EXPECT_EQ(recipient(1).last_code, 451);
  const auto wait = [this] { return recipient(1).next_attempt_us - clock_.unix_us(); };
  EXPECT_GE(wait(), 9 * kSecond);
  EXPECT_LE(wait(), 11 * kSecond);
  loop_.advance_us(8 * kSecond);
  EXPECT_EQ(live_.attempts.size(), 1U) << "not before its time";
  loop_.advance_us(4 * kSecond);
  EXPECT_EQ(live_.attempts.size(), 2U);
  EXPECT_EQ(recipient(1).attempts, 2);
  EXPECT_GE(wait(), 85 * kSecond);
  loop_.advance_us(115 * kSecond);
  EXPECT_EQ(live_.attempts.size(), 3U) << "the last delay repeats";
  live_.all = Kind::Sent;
  loop_.advance_us(115 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_EQ(recipient(1).attempts, 4);
  EXPECT_EQ(scheduler_->counters().deferred, 3U);
  EXPECT_EQ(scheduler_->counters().sent, 1U);
}

TEST_F(SchedulerTest, EachRecipientGoesItsWay) {
  add(1, 3);
  live_.kind_of = {{2, Kind::Failed}, {3, Kind::Deferred}};
  start();
  EXPECT_EQ(recipient(1, 0).state, DeliveryState::Sent);
  EXPECT_EQ(recipient(1, 1).state, DeliveryState::Failed);
  EXPECT_EQ(recipient(1, 2).state, DeliveryState::Deferred);
  live_.kind_of.clear();
  loop_.advance_us(12 * kSecond);
  ASSERT_EQ(live_.attempts.size(), 2U);
  EXPECT_EQ(live_.attempts[1].recipients, std::vector<std::int32_t>{3});
  EXPECT_EQ(scheduler_->counters().failed, 1U);
}

TEST_F(SchedulerTest, InDoubtIsTriedAgain) {
  add(1);
  live_.all = Kind::InDoubt;
  live_.code = 0;
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::Deferred);
  EXPECT_EQ(scheduler_->counters().in_doubt, 1U);
  live_.all = Kind::Sent;
  loop_.advance_us(12 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_EQ(live_.attempts[0].message.id, live_.attempts[1].message.id);
}

TEST_F(SchedulerTest, GivesUpInTime) {
  config_.give_up_after = std::chrono::milliseconds(60'000);
  add(1);
  add(2);
  live_.all = Kind::Deferred;
  start();
  loop_.advance_us(12 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Failed) << "the next delay would be too late";
  EXPECT_EQ(recipient(1).last_text, "text");
  EXPECT_EQ(scheduler_->counters().failed, 2U);
  add(3);
  live_.all = Kind::InDoubt;
  scheduler_->wake();
  loop_.run_all();
  loop_.advance_us(12 * kSecond);
  EXPECT_EQ(recipient(3).state, DeliveryState::InDoubt);
}

TEST_F(SchedulerTest, AChannelWithoutAnAnswerDefers) {
  add(1);
  live_.silent = true;
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::Deferred);
  EXPECT_EQ(recipient(1).last_text, "the channel gave no answer");
}

TEST_F(SchedulerTest, TestMessagesNeverReachTheLiveChannel) {
  add(1, 1, Environment::Test);
  add(2);
  start();
  ASSERT_EQ(test_.attempts.size(), 1U);
  EXPECT_EQ(test_.attempts[0].message.id, (MessageId{0, 1}));
  ASSERT_EQ(live_.attempts.size(), 1U);
  EXPECT_EQ(live_.attempts[0].message.id, (MessageId{0, 2}));
}

TEST_F(SchedulerTest, TheWindowIsBounded) {
  for (std::uint64_t i = 1; i <= 10; ++i) add(i);
  live_.hold = true;
  start();
  EXPECT_EQ(live_.waiting.size(), 3U);
  EXPECT_EQ(scheduler_->counters().active, 3);
  EXPECT_LE(store_.largest_limit, 24) << "and so is what is read";
  scheduler_->wake();
  loop_.advance_us(5 * kSecond);
  EXPECT_EQ(live_.waiting.size(), 3U);
  while (!live_.waiting.empty()) {
    live_.let_all_go();
    loop_.run_all();
  }
  EXPECT_EQ(live_.attempts.size(), 10U);
  EXPECT_EQ(scheduler_->counters().sent, 10U);
}

TEST_F(SchedulerTest, ManyRecipientsGoInParts) {
  config_.active_window = 100;
  make();
  add(1, 250);
  start();
  loop_.advance_us(kSecond);
  ASSERT_EQ(live_.attempts.size(), 3U);
  std::vector<std::int32_t> all;
  for (const Attempt& one : live_.attempts) {
    EXPECT_LE(one.recipients.size(), 100U);
    all.insert(all.end(), one.recipients.begin(), one.recipients.end());
  }
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::unique(all).begin() - all.begin(), 250) << "nobody twice";
}

TEST_F(SchedulerTest, AttemptsWithoutAnEndAreMadeAgain) {
  add(1).recipients[0].state = DeliveryState::Attempting;
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_EQ(scheduler_->counters().in_doubt, 1U);
}

TEST_F(SchedulerTest, AStoreThatIsAwayAtTheStartIsAskedAgain) {
  add(1);
  store_.reads_fail = true;
  start();
  loop_.advance_us(3 * kSecond);
  EXPECT_TRUE(live_.attempts.empty());
  store_.reads_fail = false;
  loop_.advance_us(2 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
}

TEST_F(SchedulerTest, AStoreThatIsAwayLaterIsAskedAgain) {
  start();
  add(1);
  store_.reads_fail = true;
  scheduler_->wake();
  loop_.advance_us(3 * kSecond);
  store_.reads_fail = false;
  loop_.advance_us(2 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
}

TEST_F(SchedulerTest, StopFinishesWhatIsInFlight) {
  for (std::uint64_t i = 1; i <= 5; ++i) add(i);
  live_.hold = true;
  start();
  bool done = false;
  scheduler_->stop(10 * kSecond, [&done] { done = true; });
  loop_.run_all();
  EXPECT_FALSE(done);
  live_.let_all_go();
  loop_.run_all();
  EXPECT_TRUE(done);
  EXPECT_EQ(live_.attempts.size(), 3U) << "nothing new is begun";
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_EQ(recipient(5).state, DeliveryState::Pending);
}

TEST_F(SchedulerTest, StopWaitsNoLongerThanItsDeadline) {
  add(1);
  live_.hold = true;
  start();
  int done = 0;
  scheduler_->stop(10 * kSecond, [&done] { ++done; });
  loop_.advance_us(11 * kSecond);
  EXPECT_EQ(done, 1);
  scheduler_.reset();  // with the attempt in flight
  live_.let_all_go();  // whose end comes too late
  loop_.advance_us(100 * kSecond);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(recipient(1).state, DeliveryState::Attempting) << "the next start makes it again";
}

TEST_F(SchedulerTest, StopWithNothingInFlightIsAtOnce) {
  start();
  bool done = false;
  scheduler_->stop(kSecond, [&done] { done = true; });
  loop_.run_all();
  EXPECT_TRUE(done);
}

TEST_F(SchedulerTest, AStepOfTheWallClockIsSeenWithinAMinute) {
  add(1);
  live_.all = Kind::Deferred;
  config_.retry_delays = {std::chrono::milliseconds(3'600'000)};
  start();
  live_.all = Kind::Sent;
  clock_.step_wall_us(4000 * kSecond);
  loop_.advance_us(61 * kSecond);
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
}

TEST_F(SchedulerTest, InDoubtMarketingIsNotTriedAgain) {
  add(1).kind = MessageClass::Marketing;
  live_.all = Kind::InDoubt;
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::InDoubt);
  EXPECT_TRUE(store_.updates.back().in_doubt);
  policies_.email = InDoubtPolicy::Again;
  make();
  add(2).kind = MessageClass::Marketing;
  start();
  EXPECT_EQ(recipient(2).state, DeliveryState::Deferred) << "unless the policy says so";
}

TEST_F(SchedulerTest, ThrottlingIsNoAttempt) {
  add(1);
  live_.all = Kind::Deferred;
  live_.cause = RecipientResult::Cause::Throttled;
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::Deferred);
  EXPECT_EQ(recipient(1).attempts, 0);
  EXPECT_LE(recipient(1).next_attempt_us - clock_.unix_us(), 6 * kSecond);
}

TEST_F(SchedulerTest, ADestinationThatIsAwayIsLeftAloneAndHoldsNobodyUp) {
  config_.active_window = 100;
  make();
  for (std::uint64_t i = 1; i <= 50; ++i) add(i).recipients[0].destination = "a@dead.example";
  add(60);
  live_.away = "dead.example";
  start();
  EXPECT_EQ(recipient(60).state, DeliveryState::Sent);
  EXPECT_LE(live_.attempts.size(), 10U) << "not fifty connections";
  std::int32_t tried = 0;
  for (std::uint64_t i = 1; i <= 50; ++i) {
    EXPECT_EQ(recipient(i).state, DeliveryState::Deferred) << i;
    tried += recipient(i).attempts;
  }
  EXPECT_LE(tried, 9);
  live_.away.clear();
  loop_.advance_us(500 * kSecond);
  for (std::uint64_t i = 1; i <= 50; ++i) EXPECT_EQ(recipient(i).state, DeliveryState::Sent) << i;
}

TEST_F(SchedulerTest, ASlowDestinationDoesNotFillTheWindow) {
  config_.active_window = 30;
  config_.destination_window = 5;
  make();
  for (std::uint64_t i = 1; i <= 200; ++i) add(i).recipients[0].destination = "a@slow.example";
  live_.slow = "slow.example";
  start();
  EXPECT_EQ(live_.waiting.size(), 5U);
  for (std::uint64_t i = 300; i < 320; ++i) add(i);
  scheduler_->wake();
  loop_.advance_us(kSecond);
  for (std::uint64_t i = 300; i < 320; ++i) EXPECT_EQ(recipient(i).state, DeliveryState::Sent);
  live_.slow.clear();
  live_.let_all_go();
  loop_.advance_us(30 * kSecond);
  for (std::uint64_t i = 1; i <= 200; ++i) EXPECT_EQ(recipient(i).state, DeliveryState::Sent) << i;
}

TEST_F(SchedulerTest, WhatIsNoLongerValidIsNotTried) {
  Message& late = add(1);
  late.expires_us = clock_.unix_us() + 5 * kSecond;
  late.recipients[0].next_attempt_us = clock_.unix_us() + 10 * kSecond;
  start();
  loop_.advance_us(20 * kSecond);
  EXPECT_TRUE(live_.attempts.empty());
  EXPECT_EQ(recipient(1).state, DeliveryState::Failed);
  EXPECT_EQ(recipient(1).last_text, "not delivered within its validity");
}

TEST_F(SchedulerTest, WhatASuspendedAccountQueuedIsHeld) {
  add(1).account_active = false;
  start();
  loop_.advance_us(100 * kSecond);
  EXPECT_TRUE(live_.attempts.empty());
  EXPECT_EQ(recipient(1).state, DeliveryState::Pending);
  store_.messages.at(MessageId{0, 1}).account_active = true;
  scheduler_->wake();
  loop_.run_all();
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
}

TEST_F(SchedulerTest, EachKindHasItsChannel) {
  add(1).recipients[0].channel = ChannelKind::Sms;
  start();
  EXPECT_EQ(sms_.attempts.size(), 1U);
  EXPECT_TRUE(live_.attempts.empty());
  scheduler_ = std::make_unique<Scheduler>(config_, store_, loop_, clock_, random_,
                                           Channels{.email = &live_});
  add(2).recipients[0].channel = ChannelKind::Sms;
  start();
  EXPECT_EQ(recipient(2).state, DeliveryState::Failed);
  EXPECT_EQ(recipient(2).last_text, "no channel of this kind is configured");
}

TEST_F(SchedulerTest, AnEndSaysWhenItBeganAndWhoAnswered) {
  add(1);
  live_.all = Kind::Delivered;
  start();
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);
  EXPECT_EQ(store_.updates.back().started_us, clock_.unix_us());
  EXPECT_EQ(store_.updates.back().via, "fake");
}

}  // namespace
}  // namespace sallyport::messaging::test
