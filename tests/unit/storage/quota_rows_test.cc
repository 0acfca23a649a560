#include "storage/quota_rows.h"

#include "storage/entity_put.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using limit::QuotaMark;

class QuotaRows : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    ASSERT_TRUE(write_entities(*database_, small_world()));
  }
  QuotaMark only() {
    auto marks = load_marks(*database_);
    EXPECT_TRUE(marks);
    if (!marks || marks->size() != 1) {
      ADD_FAILURE() << "not one mark";
      return {};
    }
    return marks->front();
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

QuotaMark mark(std::int64_t start, std::uint64_t value, QuotaPeriod period = QuotaPeriod::Day) {
  return {.subscription = kSubscription,
          .scope = "",
          .period_start_us = start,
          .period = period,
          .mark = value};
}

TEST_F(QuotaRows, ReadsBackWhatWasRaised) {
  auto wanted = mark(100, 7, QuotaPeriod::Hour);
  wanted.scope = "engine/messages.create";
  ASSERT_TRUE(raise_mark(*database_, wanted));
  const auto found = only();
  EXPECT_EQ(found.subscription, kSubscription);
  EXPECT_EQ(found.scope, "engine/messages.create");
  EXPECT_EQ(found.period_start_us, 100);
  EXPECT_EQ(found.period, QuotaPeriod::Hour);
  EXPECT_EQ(found.mark, 7U);
}

struct Raise {
  const char* sentence;
  QuotaMark then;
  std::int64_t start;
  std::uint64_t value;
};

TEST_F(QuotaRows, TheNewestWins) {
  const Raise cases[] = {
      {"higher in the same period", mark(100, 60), 100, 60},
      {"lower in the same period", mark(100, 40), 100, 50},
      {"a later period starts low", mark(200, 1), 200, 1},
      {"an earlier period is over", mark(50, 900), 100, 50},
      {"another kind of period begins where the last ended", mark(200, 3, QuotaPeriod::Month), 200,
       3},
  };
  for (const auto& row : cases) {
    ASSERT_TRUE(database_->execute("DELETE FROM quota_mark"));
    ASSERT_TRUE(raise_mark(*database_, mark(100, 50)));
    ASSERT_TRUE(raise_mark(*database_, row.then));
    EXPECT_EQ(only().period_start_us, row.start) << row.sentence;
    EXPECT_EQ(only().mark, row.value) << row.sentence;
  }
}

TEST_F(QuotaRows, AResetEndsWhatEarlierMarksSay) {
  ASSERT_TRUE(raise_mark(*database_, mark(100, 50)));
  QuotaChange change;
  change.subscription = kSubscription;
  change.start_us = 100;
  change.end_us = 200;
  change.granted = 7;
  change.epoch = 1;
  change.reset = true;
  ASSERT_TRUE(change_mark(*database_, change));
  EXPECT_EQ(only().mark, 0U);
  EXPECT_EQ(only().granted, 7U);
  EXPECT_EQ(only().epoch, 1U);
  ASSERT_TRUE(raise_mark(*database_, mark(100, 60))) << "was on its way";
  EXPECT_EQ(only().mark, 0U);
  auto next = mark(100, 5);
  next.epoch = 1;
  next.granted = 7;
  ASSERT_TRUE(raise_mark(*database_, next));
  EXPECT_EQ(only().mark, 5U);
}

TEST_F(QuotaRows, APercentageIsToldOncePerPeriod) {
  const auto events = [this] {
    return database_->integer("SELECT count(*) FROM event WHERE kind LIKE 'quota.%'")->value_or(-1);
  };
  auto near = mark(100, 80);
  near.told = 1;
  near.events = {{80, 80, 100, 5}};
  ASSERT_TRUE(raise_mark(*database_, near));
  EXPECT_EQ(events(), 1);
  ASSERT_TRUE(raise_mark(*database_, near)) << "again, as after a kill";
  EXPECT_EQ(events(), 1);
  auto over = mark(100, 100);
  over.told = 2;
  over.events = {{80, 100, 100, 6}, {100, 100, 100, 6}};
  ASSERT_TRUE(raise_mark(*database_, over));
  EXPECT_EQ(events(), 2);
  EXPECT_EQ(database_
                ->integer("SELECT count(*) FROM event WHERE kind = 'quota.over' AND "
                          "account_id IS NOT NULL")
                ->value_or(-1),
            1);
  near.period_start_us = 200;
  ASSERT_TRUE(raise_mark(*database_, near));
  EXPECT_EQ(events(), 3);
}

TEST_F(QuotaRows, SettlingLowers) {
  ASSERT_TRUE(raise_mark(*database_, mark(100, 50)));
  ASSERT_TRUE(settle_mark(*database_, mark(100, 12)));
  EXPECT_EQ(only().mark, 12U);
}

TEST_F(QuotaRows, AMarkOfASubscriptionThatIsGoneIsDropped) {
  auto lost = mark(100, 50);
  lost.subscription = SubscriptionId{404};
  EXPECT_TRUE(raise_mark(*database_, lost));
  EXPECT_TRUE(settle_mark(*database_, lost));
  EXPECT_TRUE(load_marks(*database_).value().empty());
}

TEST_F(QuotaRows, TheHighWaterTimeNeverGoesBack) {
  EXPECT_EQ(load_high_water(*database_).value(), 0);
  ASSERT_TRUE(raise_high_water(*database_, 500));
  ASSERT_TRUE(raise_high_water(*database_, 400));
  EXPECT_EQ(load_high_water(*database_).value(), 500);
}

}  // namespace
}  // namespace sallyport::storage
