#include "base/clock.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(SystemClock, MonotonicTimeDoesNotGoBack) {
  const SystemClock clock;
  std::int64_t before = clock.monotonic_us();
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t now = clock.monotonic_us();
    EXPECT_GE(now, before);
    before = now;
  }
}

TEST(SystemClock, WallTimeIsInThisCentury) {
  const SystemClock clock;
  EXPECT_GT(clock.unix_us(), 1'700'000'000'000'000);
  EXPECT_LT(clock.unix_us(), 4'100'000'000'000'000);
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock(5'000'000);
  const std::int64_t start = clock.monotonic_us();
  clock.advance_us(250);
  EXPECT_EQ(clock.monotonic_us(), start + 250);
  EXPECT_EQ(clock.unix_us(), 5'000'250);
  clock.step_wall_us(-1'000'000);
  EXPECT_EQ(clock.monotonic_us(), start + 250) << "a step of the wall clock is not time passing";
  EXPECT_EQ(clock.unix_us(), 4'000'250);
}

}  // namespace
}  // namespace sallyport
