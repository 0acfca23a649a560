#include "storage/limit_rows.h"

#include "storage/entity_load.h"
#include "storage/entity_put.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class LimitRows : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    ASSERT_TRUE(write_entities(*database_, small_world()));
  }
  void write(Entity entity) {
    Change change;
    change.put.push_back(std::move(entity));
    const auto written = write_entities(*database_, change);
    ASSERT_TRUE(written) << written.error().message;
  }
  std::int64_t rows() {
    return database_->integer("SELECT count(*) FROM more_limits")->value_or(-1);
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(LimitRows, AnAccountsAndASubscriptionsComeBack) {
  EXPECT_EQ(rows(), 0) << "without such limits there is no row";
  Account account{.id = kAccount, .name = "one"};
  account.limits.rate_per_second = 9;
  account.limits.windows[0] = {100, 60};
  write(account);
  Subscription subscription{.id = kSubscription, .application = kApplication, .plan = PlanId{0x21}};
  subscription.overrides.quota = 5;
  subscription.overrides.quota_zone = *find_zone("Asia/Tokyo");
  subscription.overrides.concurrency = 2;
  write(subscription);
  const auto all = load_entities(*database_);
  ASSERT_TRUE(all) << all.error().message;
  for (const Account& one : all->accounts) {
    EXPECT_EQ(one.limits, one.id == kAccount ? account.limits : Limits{});
  }
  EXPECT_EQ(all->subscriptions.at(0).overrides, subscription.overrides);
  EXPECT_EQ(rows(), 2);
}

TEST_F(LimitRows, AreReplacedAndGoWithTheirOwner) {
  Plan plan{.id = PlanId{0x99}, .name = "gone soon"};
  plan.shadow.quota = 5;
  plan.limits.windows[0] = {1, 2};
  write(plan);
  EXPECT_EQ(rows(), 2);
  plan.shadow = {};
  write(plan);
  EXPECT_EQ(rows(), 1);
  Change change;
  change.remove.emplace_back(plan);
  ASSERT_TRUE(write_entities(*database_, change));
  EXPECT_EQ(rows(), 0);
}

}  // namespace
}  // namespace sallyport::storage
