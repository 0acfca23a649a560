#include "auth/failure_budget.h"

#include <gtest/gtest.h>

#include <thread>

namespace sallyport::auth {
namespace {

constexpr KeyId kKey{1};
constexpr std::uint64_t kSource = 77;

class FailureBudgetTest : public testing::Test {
 protected:
  ManualClock clock_;
  SeededRandom random_{1};
  FailureBudget budget_{{5, 20}, clock_, random_};
};

TEST_F(FailureBudgetTest, ABurstThenTheRate) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(budget_.charge(kKey, kSource)) << i;
  EXPECT_FALSE(budget_.charge(kKey, kSource));
  EXPECT_TRUE(budget_.spent(kKey, kSource));
  EXPECT_EQ(budget_.retry_after_s(kKey, kSource), 1);
  int charged = 0;
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 50; ++i) {
      clock_.advance_us(20'000);
      charged += budget_.charge(kKey, kSource) ? 1 : 0;
    }
  }
  EXPECT_EQ(charged, 50) << "five a second";
}

TEST_F(FailureBudgetTest, WholeAgainAfterAWhile) {
  for (int i = 0; i < 20; ++i) budget_.charge(kKey, kSource);
  clock_.advance_us(4'000'000);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(budget_.charge(kKey, kSource));
}

TEST_F(FailureBudgetTest, OthersAreUntouched) {
  for (int i = 0; i < 30; ++i) budget_.charge(kKey, kSource);
  EXPECT_FALSE(budget_.spent(KeyId{2}, kSource)) << "another key";
  EXPECT_FALSE(budget_.spent(kKey, kSource + 1)) << "another network";
}

TEST_F(FailureBudgetTest, ARefundGivesTheChargeBack) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(budget_.charge(kKey, kSource));
    budget_.refund(kKey, kSource);
  }
  EXPECT_FALSE(budget_.spent(kKey, kSource));
}

TEST_F(FailureBudgetTest, AskingChargesNothing) {
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(budget_.spent(kKey, kSource));
}

TEST_F(FailureBudgetTest, AMillionSourcesDoNotFreeOne) {
  for (int i = 0; i < 20; ++i) budget_.charge(kKey, kSource);
  for (std::uint64_t other = 1000; other < 1'001'000; ++other) budget_.charge(kKey, other);
  EXPECT_TRUE(budget_.spent(kKey, kSource)) << "nothing is evicted";
}

TEST_F(FailureBudgetTest, ZeroMeansNoBudget) {
  FailureBudget off({0, 0}, clock_, random_);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(off.charge(kKey, kSource));
  EXPECT_FALSE(off.spent(kKey, kSource));
}

TEST_F(FailureBudgetTest, TwoThreadsChargeNoMoreThanTheBurst) {
  std::atomic<int> charged = 0;
  auto guess = [&] {
    for (int i = 0; i < 5'000; ++i) charged += budget_.charge(kKey, kSource) ? 1 : 0;
  };
  std::thread a(guess), b(guess);
  a.join();
  b.join();
  // Each row admits exactly the burst; two threads that split over both rows get twice that at
  // most.
  EXPECT_GE(charged, 20);
  EXPECT_LE(charged, 40);
}

}  // namespace
}  // namespace sallyport::auth
