#include "gateway/keyless_filter.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

TEST(KeylessFilter, HasTheApisTotalAndNothingElse) {
  ManualClock clock;
  FakeQuotaStore store;
  ImmediateReclaimer reclaimer;
  limit::Thresholds thresholds(clock, store, reclaimer);
  const KeylessFilter filter(thresholds);
  Api api;
  VirtualHost host;
  host.api = &api;
  RequestContext context;
  context.match.host = &host;
  context.account = {7};
  context.rule_count = 3;
  EXPECT_TRUE(std::holds_alternative<Continue>(filter.on_request(context)));
  EXPECT_EQ(context.rule_count, 0U);
  EXPECT_FALSE(context.account) << "nobody's";

  api.settings.name = "open";
  api.settings.total.rate_per_second = 10;
  const Answer closed = filter.on_request(context);
  ASSERT_TRUE(std::holds_alternative<Refusal>(closed)) << "a limit that cannot be kept";
  EXPECT_EQ(std::get<Refusal>(closed).reason, Reason::StoreAway);
  thresholds.add_api("open");
  EXPECT_TRUE(std::holds_alternative<Continue>(filter.on_request(context)));
  ASSERT_EQ(context.rule_count, 1U);
  EXPECT_EQ(context.rules[0].over_rate, Reason::ServiceOverRate);
  EXPECT_EQ(context.rules[0].limits.rate_per_second, 10U);
}

}  // namespace
}  // namespace sallyport::gateway
