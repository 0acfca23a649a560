#include "storage/usage_rows.h"

#include "storage/entity_put.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using limit::UsageClass;
using limit::UsageRow;

constexpr std::int64_t kHour_us = 3'600'000'000;

class UsageRows : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    ASSERT_TRUE(write_entities(*database_, small_world()));
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(UsageRows, AddsUp) {
  const UsageRow row{kSubscription,       kHour_us,         "api", "op",
                     UsageClass::Blocked, Reason::OverRate, 3,     40};
  ASSERT_TRUE(add_usage(*database_, {row, row}));
  UsageRow later = row;
  later.hour_us = 2 * kHour_us;
  ASSERT_TRUE(add_usage(*database_, {later}));
  const auto all = read_usage(*database_, {});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].count, 6U);
  EXPECT_EQ((*all)[0].bytes, 80U);
  EXPECT_EQ((*all)[0].kind, UsageClass::Blocked);
  EXPECT_EQ((*all)[0].reason, Reason::OverRate);
  EXPECT_EQ(read_usage(*database_, {2 * kHour_us, INT64_MAX, {}})->size(), 1U);
  EXPECT_EQ(read_usage(*database_, {0, 2 * kHour_us, {}})->size(), 1U);
  EXPECT_EQ(read_usage(*database_, {0, INT64_MAX, {SubscriptionId{404}}})->size(), 0U);
}

TEST_F(UsageRows, OfASubscriptionThatIsGoneAreDropped) {
  UsageRow row;
  row.subscription = SubscriptionId{404};
  row.count = 1;
  EXPECT_TRUE(add_usage(*database_, {row}));
  EXPECT_EQ(read_usage(*database_, {})->size(), 0U);
}

}  // namespace
}  // namespace sallyport::storage
