#include "gateway/limit_fields.h"

#include <gtest/gtest.h>

namespace sallyport::gateway {
namespace {

using limit::Holder;
using limit::Standing;

const Standing kStandings[] = {
    {Holder::Api, false, 1'000, 1, 1, 1, 0},
    {Holder::Subscription, false, 10, 3, 1, 1, 0},
    {Holder::Subscription, false, 500, 3, 600, 600, 0},
    {Holder::Key, false, 5, 3, 1, 1, 0},
    {Holder::Subscription, true, 100, 98, 50, 86'400, 1'469'836'800'000'000}};

TEST(LimitFields, ClassicTellsTheCallersTightest) {
  http::Head head;
  add_limit_fields(head, config::Profile::Classic, kStandings);
  EXPECT_EQ(head.wire(),
            "X-Plan-QPS-Allotted: 5\r\nX-Plan-QPS-Current: 3\r\n"
            "X-Plan-Quota-Allotted: 100\r\nX-Plan-Quota-Current: 98\r\n"
            "X-Plan-Quota-Reset: Saturday, July 30, 2016 12:00:00 AM GMT\r\n");
}

TEST(LimitFields, ModernTellsAll) {
  http::Head head;
  add_limit_fields(head, config::Profile::Modern, kStandings);
  EXPECT_EQ(head.value("RateLimit-Policy"),
            "\"api-rate\";q=1000;w=1, \"rate\";q=10;w=1, \"rate-600\";q=500;w=600, "
            "\"key-rate\";q=5;w=1, \"quota\";q=100;w=86400");
  EXPECT_EQ(head.value("RateLimit"),
            "\"api-rate\";r=999;t=1, \"rate\";r=7;t=1, \"rate-600\";r=497;t=600, "
            "\"key-rate\";r=2;t=1, \"quota\";r=2;t=50");
}

TEST(LimitFields, WithoutLimitsThereAreNone) {
  for (const auto profile : {config::Profile::Classic, config::Profile::Modern}) {
    http::Head head;
    add_limit_fields(head, profile, {});
    EXPECT_EQ(head.wire(), "");
  }
}

}  // namespace
}  // namespace sallyport::gateway
