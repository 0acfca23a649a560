#include "base/durable_clock.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(DurableClock, NeverGoesBack) {
  ManualClock machine(1'000 * kSecond);
  DurableClock clock(machine, 0);
  EXPECT_EQ(clock.unix_us(), 1'000 * kSecond);
  clock.tick();
  machine.step_wall_us(-500 * kSecond);
  EXPECT_EQ(clock.unix_us(), 1'000 * kSecond) << "it stands still until the machine catches up";
  EXPECT_EQ(clock.tick().behind_us, 500 * kSecond);
  machine.advance_us(600 * kSecond);
  EXPECT_EQ(clock.unix_us(), 1'100 * kSecond);
}

TEST(DurableClock, NotEvenOverARestart) {
  ManualClock machine(1'000 * kSecond);
  DurableClock clock(machine, 2'000 * kSecond);
  EXPECT_EQ(clock.unix_us(), 2'000 * kSecond);
  EXPECT_EQ(clock.tick().high_water_us, 2'000 * kSecond);
}

TEST(DurableClock, TellsAJumpThatNothingConfirms) {
  ManualClock machine(1'000 * kSecond);
  DurableClock clock(machine, 0);
  machine.advance_us(10 * kSecond);
  EXPECT_EQ(clock.tick().jumped_us, 0);
  machine.step_wall_us(3'600 * kSecond);
  EXPECT_EQ(clock.tick().jumped_us, 3'600 * kSecond);
  EXPECT_EQ(clock.jumps(), 1U);
  machine.suspend_us(7'200 * kSecond);
  EXPECT_EQ(clock.tick().jumped_us, 0) << "a sleep is no jump";
}

}  // namespace
}  // namespace sallyport
