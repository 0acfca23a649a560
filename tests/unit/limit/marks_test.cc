#include <gtest/gtest.h>

#include "limit/thresholds.h"
#include "memory_quota_store.h"

namespace sallyport::limit {
namespace {

// What comes back from the store after an operator's reset says nothing about the new epoch.
TEST(Marks, ARaiseThatWasOnItsWayDoesNotOutliveAReset) {
  ManualClock clock;
  MemoryQuotaStore store;
  ImmediateReclaimer reclaimer;
  Thresholds thresholds(clock, store, reclaimer);
  const SubscriptionId id{7};
  thresholds.add(id);
  Limits limits;
  limits.quota = 10;
  const Rule rule{thresholds.find(id), limits, Reason::OverRate};
  store.hold = true;
  ASSERT_EQ(thresholds.take({&rule, 1}).kind, Decision::Kind::Wait);
  const QuotaLook look = *thresholds.look(id, "", limits);
  Change change;
  change.quotas.push_back({id, "", look.period, look.anchor, look.zone, look.start_us, look.end_us,
                           0, look.epoch + 1, true});
  thresholds.apply(change);
  store.held.front()({});
  store.held.clear();
  EXPECT_EQ(thresholds.take({&rule, 1}).kind, Decision::Kind::Wait) << "for a mark of its own";
  ASSERT_EQ(store.held.size(), 1U);
  store.held.front()({});
  EXPECT_EQ(thresholds.take({&rule, 1}).kind, Decision::Kind::Admitted);
  EXPECT_EQ((store.marks[{7, ""}].epoch), look.epoch + 1);
}

TEST(Marks, AreKeptForEachScope) {
  ManualClock clock;
  MemoryQuotaStore store;
  ImmediateReclaimer reclaimer;
  Limits limits;
  limits.quota = 10;
  limits.quota_zone = *find_zone("Asia/Kolkata");
  limits.quota_period = QuotaPeriod::Month;
  limits.quota_anchor = 31;
  const SubscriptionId id{7};
  for (int round = 1; round <= 2; ++round) {
    Thresholds thresholds(clock, store, reclaimer);
    thresholds.load(*store.load_quota_marks());
    thresholds.add(id, "api/op");
    thresholds.add(KeyId{9}, id);
    const Rule rules[] = {{thresholds.find(id, "api/op"), limits, Reason::OverRate},
                          {thresholds.find(KeyId{9}), limits, Reason::OverRate}};
    for (int tries = 0; tries < 3; ++tries) {
      if (thresholds.take(rules).kind == Decision::Kind::Admitted) break;
    }
    for (const char* scope : {"api/op", "key:0000000000000009"}) {
      const auto look = thresholds.look(id, scope, limits);
      ASSERT_TRUE(look) << scope;
      EXPECT_EQ(look->used, static_cast<std::uint64_t>(round)) << scope;
      EXPECT_EQ(look->zone, limits.quota_zone);
      EXPECT_EQ(look->anchor, 31);
    }
    ASSERT_TRUE(thresholds.settle());
  }
}

}  // namespace
}  // namespace sallyport::limit
