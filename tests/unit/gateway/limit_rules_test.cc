#include "gateway/limit_rules.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

using LimitRulesTest = DoorsFixture;

TEST_F(LimitRulesTest, TheSubscriptionsRuleHoldsTheAccountsZone) {
  set_limits({5, {}, 40, QuotaPeriod::Month});
  EXPECT_EQ(reason(good()), Reason::Ok);
  ASSERT_EQ(context_.active_rules().size(), 1U);
  const limit::Rule& rule = context_.active_rules()[0];
  EXPECT_EQ(rule.holder, limit::Holder::Subscription);
  EXPECT_EQ(rule.limits.quota_zone, kUtc);
  EXPECT_EQ(context_.cost, 1U);
}

TEST_F(LimitRulesTest, WithoutLimitsThereAreNoRules) {
  set_limits({});
  EXPECT_EQ(reason(good()), Reason::Ok);
  EXPECT_TRUE(context_.active_rules().empty());
}

}  // namespace
}  // namespace sallyport::gateway
