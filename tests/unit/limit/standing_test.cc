#include <gtest/gtest.h>

#include "limit/thresholds.h"
#include "memory_quota_store.h"

namespace sallyport::limit {
namespace {

TEST(Standing, TellsEveryLimitThatIsEnforced) {
  ManualClock clock;
  MemoryQuotaStore store;
  ImmediateReclaimer reclaimer;
  Thresholds thresholds(clock, store, reclaimer);
  thresholds.add(SubscriptionId{7});
  thresholds.add_api("api");
  Limits limits;
  limits.rate_per_second = 10;
  limits.windows[0] = {100, 60};
  limits.quota = 50;
  limits.quota_period = QuotaPeriod::Hour;
  const Rule rules[] = {
      {thresholds.find(SubscriptionId{7}), limits, Reason::OverRate},
      {thresholds.find_api_shadow("api"), limits, Reason::ServiceOverRate, Holder::Api, true, 0}};
  for (int i = 0; i < 3; ++i) {
    if (thresholds.take(rules).kind == Decision::Kind::Wait) thresholds.take(rules);
  }
  std::array<Standing, kMaxStandings> told;
  ASSERT_EQ(thresholds.standings(rules, told), 3U) << "nothing of the shadow";
  EXPECT_EQ(told[0].limit, 10U);
  EXPECT_EQ(told[0].remaining(), 7U);
  EXPECT_EQ(told[0].window_s, 1);
  EXPECT_GE(told[0].reset_s, 1);
  EXPECT_EQ(told[1].remaining(), 97U);
  EXPECT_EQ(told[1].window_s, 60);
  EXPECT_TRUE(told[2].quota);
  EXPECT_EQ(told[2].remaining(), 47U);
  EXPECT_EQ(told[2].window_s, 3'600);
  EXPECT_LE(told[2].reset_s, 3'600);
  std::array<Standing, 1> little;
  EXPECT_EQ(thresholds.standings(rules, little), 1U) << "as many as fit";
  clock.advance_us(3'600'000'000);
  EXPECT_EQ(thresholds.usage(rules[0]).used, 0U) << "the next hour";
}

}  // namespace
}  // namespace sallyport::limit
