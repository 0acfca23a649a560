#include "limit/usage.h"

#include <gtest/gtest.h>

namespace sallyport::limit {
namespace {

UsageTally::One one(std::uint64_t subscription, std::int64_t unix_us = 7'200'000'001) {
  return {SubscriptionId{subscription}, unix_us,    "api", "messages.create",
          UsageClass::Successful,       Reason::Ok, 10};
}

TEST(UsageTally, RollsUpByTheHour) {
  UsageTally tally;
  EXPECT_TRUE(tally.empty());
  tally.add(one(1));
  tally.add(one(1));
  tally.add(one(1, 10'800'000'000));
  tally.add(one(2));
  const auto rows = tally.drain();
  ASSERT_EQ(rows.size(), 3U);
  std::uint64_t count = 0;
  for (const UsageRow& row : rows) {
    count += row.count;
    EXPECT_EQ(row.hour_us % 3'600'000'000, 0);
    EXPECT_EQ(row.bytes, row.count * 10);
  }
  EXPECT_EQ(count, 4U);
  EXPECT_TRUE(tally.empty());
  EXPECT_TRUE(tally.drain().empty());
}

TEST(UsageTally, SaysWhenItFills) {
  UsageTally tally;
  for (std::uint64_t i = 1; i <= 5'000; ++i) tally.add(one(i));
  EXPECT_TRUE(tally.filling());
  EXPECT_EQ(tally.drain().size() + tally.dropped(), 5'000U);
}

TEST(Usage, ClassesAreReadAsWritten) {
  for (const auto kind :
       {UsageClass::Successful, UsageClass::Blocked, UsageClass::Other, UsageClass::Shadow}) {
    EXPECT_EQ(parse_usage_class(to_string(kind)), kind);
  }
  EXPECT_EQ(parse_usage_class("other "), std::nullopt);
}

}  // namespace
}  // namespace sallyport::limit
