#include "limit/thresholds.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/random.h"
#include "memory_quota_store.h"

namespace sallyport::limit {
namespace {

class DirectLoop final : public Loop {
 public:
  void post(Callback callback) override { callback(); }
  void at(std::int64_t, Callback callback) override { callback(); }
};

constexpr SubscriptionId kId{7};

class ThresholdsTest : public testing::Test {
 protected:
  std::unique_ptr<Thresholds> make() {
    auto made = std::make_unique<Thresholds>(clock_, store_, reclaimer_);
    made->load(*store_.load_quota_marks());
    made->add(kId);
    made->add_api("messaging");
    return made;
  }
  Rule rule(const Thresholds& thresholds, Limits limits) {
    return {thresholds.find(kId), limits, Reason::OverRate};
  }
  // Takes, waiting for the mark as the filter does.
  Decision take(Thresholds& thresholds, const Rule& one) {
    Decision decision = thresholds.take({&one, 1});
    if (decision.kind == Decision::Kind::Wait) {
      bool called = false;
      thresholds.when_raised(decision.waiting_for, loop_, [&called] { called = true; });
      EXPECT_TRUE(called);
      decision = thresholds.take({&one, 1});
    }
    return decision;
  }

  ManualClock clock_;
  MemoryQuotaStore store_;
  ImmediateReclaimer reclaimer_;
  DirectLoop loop_;
};

TEST_F(ThresholdsTest, NoLimitsAdmitEverythingWithoutTheStore) {
  auto thresholds = make();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(take(*thresholds, rule(*thresholds, {})).kind, Decision::Kind::Admitted);
  }
  EXPECT_EQ(store_.raises, 0);
}

TEST_F(ThresholdsTest, PeekChargesNothing) {
  auto thresholds = make();
  const Rule one = rule(*thresholds, {5, {}, 2, QuotaPeriod::Day});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(thresholds->peek({&one, 1}).kind, Decision::Kind::Admitted);
  }
  EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Admitted);
  EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Admitted);
  const Decision over = thresholds->peek({&one, 1});
  EXPECT_EQ(over.kind, Decision::Kind::Refused);
  EXPECT_EQ(over.reason, Reason::OverQuota);
}

// The service's rate, the key's rate, the quota: the first of them names the reason, even when
// several are spent, and a silent client must wait for all of them.
TEST_F(ThresholdsTest, RefusesInTheOrderOfTheContract) {
  auto thresholds = make();
  const Rule both = rule(*thresholds, {2, {}, 2, QuotaPeriod::Day});
  EXPECT_EQ(take(*thresholds, both).kind, Decision::Kind::Admitted);
  EXPECT_EQ(take(*thresholds, both).kind, Decision::Kind::Admitted);
  const Decision over = thresholds->peek({&both, 1});
  EXPECT_EQ(over.reason, Reason::OverRate);
  EXPECT_GT(over.retry_after_s, 2) << "until the quota's period ends, not only the rate's second";
  const Rule with_total[] = {
      {thresholds->find_api("messaging"), {0, 0, {}, QuotaPeriod::Day}, Reason::ServiceOverRate},
      both};
  EXPECT_EQ(thresholds->peek(with_total).reason, Reason::ServiceOverRate);
}

TEST_F(ThresholdsTest, AKeysOwnQuotaSurvivesARestart) {
  const KeyId key{9};
  const Limits limits{{}, {}, 3, QuotaPeriod::Month};
  auto started = [&] {
    auto made = make();
    made->add(key, SubscriptionId{8});
    return made;
  };
  auto thresholds = started();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(take(*thresholds, {thresholds->find(key), limits, Reason::OverRate}).kind,
              Decision::Kind::Admitted);
  }
  ASSERT_TRUE(thresholds->settle());
  thresholds = started();
  const Rule one{thresholds->find(key), limits, Reason::OverRate};
  EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Admitted);
  EXPECT_EQ(take(*thresholds, one).reason, Reason::OverQuota);
}

TEST_F(ThresholdsTest, AnOpeningWithLimitsOfItsOwnHasItsOwnCell) {
  auto thresholds = make();
  Plan plan;
  plan.id = PlanId{3};
  plan.opens.push_back({{"messaging", "messages.create", {}, ""}, {1, {}, {}, QuotaPeriod::Day}});
  Subscription subscription;
  subscription.id = kId;
  subscription.plan = plan.id;
  thresholds->apply({{subscription}, {}, {}, {}});
  EXPECT_EQ(thresholds->find(kId, "messaging/messages.create"), nullptr);
  thresholds->apply({{plan}, {}, {}, {}});
  EXPECT_NE(thresholds->find(kId, "messaging/messages.create"), nullptr);
}

TEST_F(ThresholdsTest, AllRulesOrNone) {
  auto thresholds = make();
  const Rule rules[] = {
      {thresholds->find(kId), {{}, {}, 100, QuotaPeriod::Day}, Reason::OverRate},
      {thresholds->find_api("messaging"), {1, 1, {}, QuotaPeriod::Day}, Reason::ServiceOverRate}};
  EXPECT_EQ(thresholds->take(rules).kind, Decision::Kind::Wait);
  EXPECT_EQ(thresholds->take(rules).kind, Decision::Kind::Admitted);
  const Decision refused = thresholds->take(rules);
  EXPECT_EQ(refused.kind, Decision::Kind::Refused);
  EXPECT_EQ(refused.reason, Reason::ServiceOverRate);
  EXPECT_EQ(thresholds->usage(rules[0]).used, 1U) << "the quota was not charged";
}

TEST_F(ThresholdsTest, QuotaTurnsWithItsPeriod) {
  auto thresholds = make();
  const Rule one = rule(*thresholds, {{}, {}, 3, QuotaPeriod::Minute});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Admitted);
  const Decision over = take(*thresholds, one);
  EXPECT_EQ(over.kind, Decision::Kind::Refused);
  EXPECT_EQ(over.period, QuotaPeriod::Minute);
  clock_.advance_us(over.retry_after_s * 1'000'000);
  EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Admitted);
  clock_.step_wall_us(-120'000'000);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Admitted);
  EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Refused)
      << "a wall clock that goes back does not begin a period again";
}

TEST_F(ThresholdsTest, ExactOverACleanRestart) {
  const Limits limits{{}, {}, 10, QuotaPeriod::Month};
  auto thresholds = make();
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(take(*thresholds, rule(*thresholds, limits)).kind, Decision::Kind::Admitted);
  }
  ASSERT_TRUE(thresholds->settle());
  thresholds = make();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(take(*thresholds, rule(*thresholds, limits)).kind, Decision::Kind::Admitted);
  }
  EXPECT_EQ(take(*thresholds, rule(*thresholds, limits)).kind, Decision::Kind::Refused);
}

TEST_F(ThresholdsTest, KillsNeverAdmitMoreAndCostLittle) {
  const Limits limits{{}, {}, 5'000, QuotaPeriod::Month};
  SeededRandom random(5);
  int admitted = 0;
  int kills = 0;
  int worst = 0;
  auto thresholds = make();
  for (;;) {
    clock_.advance_us(static_cast<std::int64_t>(random.below(2'000)));  // about 1,000 a second
    const Decision decision = take(*thresholds, rule(*thresholds, limits));
    if (decision.kind == Decision::Kind::Refused) break;
    ++admitted;
    if (random.below(300) == 0) {
      const auto used = thresholds->usage(rule(*thresholds, limits)).used;
      worst = std::max(worst, static_cast<int>(store_.marks[{7, ""}].mark - used));
      thresholds = make();
      ++kills;
    }
  }
  EXPECT_GT(kills, 5);
  EXPECT_LE(admitted, 5'000);
  EXPECT_LE(worst, 110) << "about the last 100 ms of requests";
  EXPECT_GE(admitted, 5'000 - kills * worst);
}

TEST_F(ThresholdsTest, WaitsUntilTheMarkIsDurable) {
  auto thresholds = make();
  store_.hold = true;
  const Rule one = rule(*thresholds, {{}, {}, 3, QuotaPeriod::Day});
  const Decision first = thresholds->take({&one, 1});
  ASSERT_EQ(first.kind, Decision::Kind::Wait);
  bool called = false;
  thresholds->when_raised(first.waiting_for, loop_, [&called] { called = true; });
  EXPECT_FALSE(called);
  EXPECT_EQ(thresholds->take({&one, 1}).kind, Decision::Kind::Wait);
  EXPECT_EQ(store_.raises, 1) << "one raise for both";
  store_.held.front()({});
  EXPECT_TRUE(called);
  EXPECT_EQ(thresholds->take({&one, 1}).kind, Decision::Kind::Admitted);
}

TEST_F(ThresholdsTest, AStoreThatIsAwayIsNotASpentQuota) {
  auto thresholds = make();
  store_.away = true;
  const Rule one = rule(*thresholds, {{}, {}, 3, QuotaPeriod::Day});
  const Decision away = take(*thresholds, one);
  EXPECT_EQ(away.kind, Decision::Kind::Refused);
  EXPECT_EQ(away.reason, Reason::StoreAway);
  store_.away = false;
  EXPECT_EQ(take(*thresholds, one).kind, Decision::Kind::Admitted) << "it recovers by itself";
}

TEST_F(ThresholdsTest, ZeroBlocks) {
  auto thresholds = make();
  EXPECT_EQ(take(*thresholds, rule(*thresholds, {0, {}, {}, QuotaPeriod::Day})).reason,
            Reason::OverRate);
  EXPECT_EQ(take(*thresholds, rule(*thresholds, {{}, {}, 0, QuotaPeriod::Day})).reason,
            Reason::OverQuota);
}

TEST_F(ThresholdsTest, TwoThreadsOnOneCellAdmitExactlyTheQuota) {
  const SystemClock clock;
  Thresholds thresholds(clock, store_, reclaimer_);
  thresholds.add(kId);
  const Rule one{thresholds.find(kId), {{}, {}, 20'000, QuotaPeriod::Month}, Reason::OverRate};
  store_.marks.clear();
  std::atomic<int> admitted = 0;
  std::mutex store_turn;  // the fake store has one caller at a time, as the writer has
  auto worker = [&] {
    for (int i = 0; i < 15'000; ++i) {
      const std::lock_guard guard(store_turn);
      Decision decision = thresholds.take({&one, 1});
      if (decision.kind == Decision::Kind::Wait) decision = thresholds.take({&one, 1});
      if (decision.kind == Decision::Kind::Admitted) ++admitted;
    }
  };
  auto peeker = [&] {
    for (int i = 0; i < 15'000; ++i) (void)thresholds.peek({&one, 1});
  };
  std::thread a(worker), b(worker), c(peeker);
  a.join();
  b.join();
  c.join();
  EXPECT_EQ(admitted, 20'000);
}

// Its callers come from several threads, as the writer's do, and it answers on a thread of its own.
class ThreadedQuotaStore final : public QuotaStore {
 public:
  ~ThreadedQuotaStore() override {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Result<std::vector<QuotaMark>> load_quota_marks() override { return std::vector<QuotaMark>{}; }
  void raise_quota_mark(QuotaMark mark, std::move_only_function<void(Result<void>)> done) override {
    {
      const std::lock_guard guard(mutex_);
      highest = std::max(highest, mark.mark);
      queue_.push_back(std::move(done));
    }
    wake_.notify_one();
  }
  Result<void> settle_quota_marks(const std::vector<QuotaMark>&) override { return {}; }
  std::uint64_t highest = 0;

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      auto done = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      done({});
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::move_only_function<void(Result<void>)>> queue_;
  bool stopping_ = false;
  std::thread thread_{&ThreadedQuotaStore::run, this};
};

// Two workers and the store's thread on the same cells, with nothing but the cells' locks between.
TEST(ThresholdsThreads, RaceForOneCellAndStayExact) {
  const SystemClock clock;
  ImmediateReclaimer reclaimer;
  ThreadedQuotaStore store;
  Thresholds thresholds(clock, store, reclaimer);
  thresholds.add(kId);
  thresholds.add_api("messaging");
  constexpr std::uint64_t kQuota = 3'000;
  const Rule rules[] = {
      {thresholds.find_api("messaging"),
       {1'000'000, {}, {}, QuotaPeriod::Day},
       Reason::ServiceOverRate},
      {thresholds.find(kId), {1'000'000, {}, kQuota, QuotaPeriod::Month}, Reason::OverRate}};
  std::atomic<std::uint64_t> admitted = 0;
  auto worker = [&] {
    for (;;) {
      (void)thresholds.peek(rules);
      const Decision decision = thresholds.take(rules);
      if (decision.kind == Decision::Kind::Refused) return;
      if (decision.kind == Decision::Kind::Admitted) {
        ++admitted;
        continue;
      }
      std::atomic<bool> raised = false;
      DirectLoop loop;
      thresholds.when_raised(decision.waiting_for, loop, [&raised] { raised = true; });
      while (!raised) std::this_thread::yield();
    }
  };
  std::thread a(worker), b(worker);
  a.join();
  b.join();
  EXPECT_EQ(admitted, kQuota) << "not one more, not one less";
  EXPECT_LE(store.highest, kQuota);
}

}  // namespace
}  // namespace sallyport::limit
