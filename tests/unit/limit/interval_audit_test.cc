#include "limit/interval_audit.h"

#include <gtest/gtest.h>

namespace sallyport::limit {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(IntervalAudit, FindsAFullWindowWithBothItsEnds) {
  IntervalAudit audit({2, 2});
  audit.decided(0, true, false);
  audit.decided(10, true, false);
  audit.decided(kSecond + 1, true, false);
  EXPECT_TRUE(audit.clean());
  audit.decided(kSecond + 10, true, false);
  EXPECT_EQ(audit.over(), 1U) << "the third within a second, its ends counted";
  EXPECT_NE(audit.first_fault(), "");
}

TEST(IntervalAudit, FindsALongRunAboveTheRate) {
  IntervalAudit audit({1, 10});
  for (int i = 0; i < 10; ++i) audit.decided(i, true, false);
  EXPECT_TRUE(audit.clean());
  audit.decided(5 * kSecond, true, false);
  audit.decided(5 * kSecond + 1, true, false);
  audit.decided(5 * kSecond + 2, true, false);
  audit.decided(5 * kSecond + 3, true, false);
  audit.decided(5 * kSecond + 4, true, false);
  EXPECT_TRUE(audit.clean()) << "ten and five seconds of one";
  audit.decided(5 * kSecond + 5, true, false);
  EXPECT_EQ(audit.over(), 1U);
}

TEST(IntervalAudit, FindsARefusalWithoutCause) {
  IntervalAudit audit({2, 2});
  audit.decided(0, true, false);
  audit.decided(5, false, true);
  EXPECT_EQ(audit.wrongly_refused(), 1U);
  IntervalAudit rightly({2, 2});
  rightly.decided(0, true, false);
  rightly.decided(1, true, false);
  rightly.decided(5, false, true);
  rightly.decided(1'019'999, false, true);
  EXPECT_EQ(rightly.wrongly_refused(), 0U);
}

TEST(IntervalAudit, CountsCosts) {
  IntervalAudit audit({10, 10, 60});
  audit.decided(0, true, false, 6);
  audit.decided(1, true, false, 5);
  EXPECT_FALSE(audit.clean());
}

}  // namespace
}  // namespace sallyport::limit
