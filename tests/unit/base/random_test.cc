#include "base/random.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(SeededRandom, RepeatsFromItsSeed) {
  SeededRandom a(7), b(7), c(8);
  const std::uint64_t first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
}

TEST(Below, StaysBelowAndReachesEveryValue) {
  SeededRandom random(9);
  bool seen[5] = {};
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t value = random.below(5);
    ASSERT_LT(value, 5U);
    seen[value] = true;
  }
  for (const bool one : seen) EXPECT_TRUE(one);
}

TEST(SystemRandom, FillsEveryByte) {
  SystemRandom random;
  std::uint8_t bytes[64] = {};
  bool changed[64] = {};
  for (int round = 0; round < 20; ++round) {
    random.fill(bytes);
    for (int i = 0; i < 64; ++i) changed[i] = changed[i] || bytes[i] != 0;
  }
  for (const bool one : changed) EXPECT_TRUE(one);
}

}  // namespace
}  // namespace sallyport
