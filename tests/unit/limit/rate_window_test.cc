#include "limit/rate_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "base/random.h"

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

// The three rules of the rate, over random arrivals at every scale.
TEST(RateWindow, KeepsItsThreeRules) {
  SeededRandom random(2026);
  for (int round = 0; round < 60; ++round) {
    const auto rate = static_cast<std::uint32_t>(1 + random.below(40));
    const auto burst = static_cast<std::uint32_t>(rate + random.below(3) * random.below(50));
    const RateRule rule{rate, burst};
    RateWindow window;
    std::int64_t now = static_cast<std::int64_t>(random.below(100 * kSecond));
    std::deque<std::int64_t> arrivals;
    std::vector<std::int64_t> admitted;
    const std::uint64_t scales[] = {10, 1'000, 20'000, 1'000'000U / rate, 1'000'000, 1'020'000};
    for (int i = 0; i < 2'000; ++i) {
      now += static_cast<std::int64_t>(random.below(2 * scales[random.below(6)] + 1));
      while (!arrivals.empty() && arrivals.front() <= now - 1'020'000) arrivals.pop_front();
      const bool admit = window.admits(rule, now);
      if (arrivals.size() < rate) {
        ASSERT_TRUE(admit) << "(c): a slow client is never refused";
      }
      arrivals.push_back(now);
      if (!admit) {
        const std::int64_t wait = window.wait_us(rule, now);
        ASSERT_GT(wait, 0);
        RateWindow later = window;
        ASSERT_TRUE(later.admits(rule, now + wait));
        continue;
      }
      window.take(rule, now);
      admitted.push_back(now);
    }
    std::size_t oldest = 0;
    for (std::size_t i = 0; i < admitted.size(); ++i) {
      while (admitted[i] - admitted[oldest] >= kSecond) ++oldest;
      ASSERT_LE(i - oldest + 1, burst) << "(a): any one second";
    }
    for (std::size_t first = 0; first < admitted.size(); first += 7) {
      for (std::size_t last = first; last < admitted.size(); last += 3) {
        const std::int64_t span = admitted[last] - admitted[first];
        ASSERT_LE(static_cast<std::int64_t>(last - first + 1) * kSecond,
                  burst * kSecond + span * rate + kSecond)
            << "(b): any T seconds, rounded up to a whole request";
      }
    }
  }
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
