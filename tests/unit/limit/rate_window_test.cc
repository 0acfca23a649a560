#include "limit/rate_window.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "limit/interval_audit.h"

namespace sallyport::limit {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(RateWindow, AdmitsTheBurstThenWaitsForTheWindow) {
  RateWindow window;
  const RateRule rule{10, 10};
  std::int64_t now = 5 * kSecond + 7;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(window.admits(rule, now));
    window.take(rule, now);
  }
  EXPECT_FALSE(window.admits(rule, now));
  const std::int64_t wait = window.wait_us(rule, now);
  EXPECT_GT(wait, kSecond - 20'000);
  EXPECT_LE(wait, kSecond + 20'000);
  EXPECT_FALSE(window.admits(rule, now + wait - 1)) << "not a microsecond before";
  EXPECT_TRUE(window.admits(rule, now + wait)) << "the promise is kept";
}

TEST(RateWindow, ZeroBlocksEverything) {
  RateWindow window;
  EXPECT_FALSE(window.admits({0, 0}, kSecond));
  EXPECT_EQ(window.wait_us({0, 0}, kSecond), -1);
}

TEST(RateWindow, ABurstAboveTheRateIsPaidBack) {
  RateWindow window;
  const RateRule rule{10, 30};
  std::int64_t now = 9 * kSecond;
  int admitted = 0;
  for (int i = 0; i < 100; ++i) {
    if (window.admits(rule, now)) {
      window.take(rule, now);
      ++admitted;
    }
  }
  EXPECT_EQ(admitted, 30);
  now += 2 * kSecond;
  admitted = 0;
  for (int i = 0; i < 100; ++i) {
    if (window.admits(rule, now)) {
      window.take(rule, now);
      ++admitted;
    }
  }
  EXPECT_EQ(admitted, 20) << "two seconds give two rates";
}

// The three rules of the rate, over random arrivals at every scale, for windows of any length.
TEST(RateWindow, KeepsItsThreeRules) {
  SeededRandom random(2026);
  for (int round = 0; round < 120; ++round) {
    const auto rate = static_cast<std::uint32_t>(1 + random.below(40));
    const std::uint32_t seconds =
        round % 2 == 0 ? 1U : 1U + static_cast<std::uint32_t>(random.below(3'600));
    const auto burst =
        static_cast<std::uint32_t>(seconds == 1 ? rate + random.below(3) * random.below(50) : rate);
    const RateRule rule{rate, burst, seconds};
    const auto window_us = static_cast<std::int64_t>(seconds) * kSecond;
    RateWindow window;
    IntervalAudit audit(rule);
    std::int64_t now = static_cast<std::int64_t>(random.below(100 * kSecond));
    std::int64_t promised = -1;
    const std::int64_t scales[] = {10,        window_us / 1'000,  window_us / 50, window_us / rate,
                                   window_us, window_us / 50 * 51};
    for (int i = 0; i < 2'000; ++i) {
      if (promised >= 0) {
        now = promised;  // a silent client that waits just as long as it was told
      } else {
        now += static_cast<std::int64_t>(
            random.below(static_cast<std::uint64_t>(2 * scales[random.below(6)] + 1)));
      }
      // Onto the edge of a counter, and a microsecond to either side.
      if (random.below(4) == 0) {
        const std::int64_t width = window_us / 50;
        now = std::max(
            now, now / width * width + width + static_cast<std::int64_t>(random.below(3)) - 1);
      }
      const bool admit = window.admits(rule, now);
      if (promised >= 0 && now == promised) {
        ASSERT_TRUE(admit) << "the promise is kept";
      }
      promised = -1;
      if (admit) {
        window.take(rule, now);
      } else if (random.below(8) == 0) {
        promised = now + window.wait_us(rule, now);
        ASSERT_GT(promised, now);
      }
      audit.decided(now, admit, !admit);
      ASSERT_TRUE(audit.clean()) << audit.first_fault() << " round " << round;
    }
  }
}

TEST(RateWindow, ACostCountsAsManyRequests) {
  RateWindow window;
  const RateRule rule{10, 10};
  std::int64_t now = 7 * kSecond;
  ASSERT_TRUE(window.admits(rule, now, 7));
  window.take(rule, now, 7);
  EXPECT_FALSE(window.admits(rule, now, 4));
  EXPECT_TRUE(window.admits(rule, now, 3));
  EXPECT_TRUE(window.admits(rule, now, 0)) << "what costs nothing is never refused";
  const std::int64_t wait = window.wait_us(rule, now, 4);
  EXPECT_TRUE(window.admits(rule, now + wait, 4));
  EXPECT_TRUE(window.admits(rule, now + 2 * kSecond, 1'000))
      << "more than the burst is admitted when nothing else was";
}

TEST(RateWindow, AnotherLengthKeepsWhatWasCounted) {
  RateWindow window;
  std::int64_t now = 7 * kSecond;
  for (int i = 0; i < 5; ++i) window.take({5, 5, 1}, now);
  EXPECT_FALSE(window.admits({5, 5, 60}, now));
  EXPECT_FALSE(window.admits({5, 5, 60}, now + 59 * kSecond));
  EXPECT_TRUE(window.admits({5, 5, 60}, now + 62 * kSecond));
}

TEST(RateWindow, IsForgottenOnlyWhenNothingIsLeft) {
  RateWindow window;
  std::int64_t now = 7 * kSecond;
  EXPECT_TRUE(window.forgettable(now));
  const RateRule rule{1, 100};
  for (int i = 0; i < 100; ++i) window.take(rule, now);
  EXPECT_FALSE(window.forgettable(now + kSecond / 2));
  EXPECT_FALSE(window.forgettable(now + 2 * kSecond)) << "the burst is not paid back";
  EXPECT_TRUE(window.forgettable(now + 101 * kSecond));
}

TEST(RateWindow, GivesItsBlockBackWhenIdle) {
  RateWindow::prepare();
  RateWindow window;
  for (int i = 0; i < 20; ++i) window.count(kSecond + i * 20'000);
  EXPECT_EQ(window.recent(kSecond + 19 * 20'000, 51), 20U);
  EXPECT_EQ(window.release_block(kSecond + 400'000), nullptr) << "still in use";
  EXPECT_NE(window.release_block(3 * kSecond), nullptr);
  window.count(3 * kSecond);
  EXPECT_EQ(window.recent(3 * kSecond, 51), 1U);
}

TEST(RateWindow, RecentLooksBackOnlyAsFarAsAsked) {
  RateWindow window;
  window.count(kSecond);
  window.count(kSecond + 50'000);
  EXPECT_EQ(window.recent(kSecond + 50'000, 2), 1U);
  EXPECT_EQ(window.recent(kSecond + 50'000, 5), 2U);
  EXPECT_EQ(window.recent(4 * kSecond, 51), 0U);
}

}  // namespace
}  // namespace sallyport::limit
