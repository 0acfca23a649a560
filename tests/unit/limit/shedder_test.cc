#include "limit/shedder.h"

#include <gtest/gtest.h>

namespace sallyport::limit {
namespace {

int refused_of_a_hundred(const Shedder& shedder, std::int32_t priority) {
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += shedder.sheds(priority) ? 1 : 0;
  return refused;
}

TEST(Shedder, RefusesNobodyInTime) {
  Shedder shedder(50'000);
  for (int i = 0; i < 100; ++i) shedder.tick(49'000);
  EXPECT_EQ(refused_of_a_hundred(shedder, 0), 0);
  EXPECT_EQ(shedder.level(), 0U);
}

TEST(Shedder, OneLateTickIsForgiven) {
  Shedder shedder(50'000);
  shedder.tick(90'000);
  shedder.tick(90'000);
  shedder.tick(10'000);
  EXPECT_EQ(shedder.level(), 0U);
}

TEST(Shedder, TheLowestPriorityGoesFirstAndSomeOfTheHighestStay) {
  Shedder shedder(50'000);
  for (const std::int32_t priority : {5, -3, 0}) EXPECT_FALSE(shedder.sheds(priority));
  for (int i = 0; i < 12; ++i) shedder.tick(90'000);
  EXPECT_EQ(shedder.level(), 100U);
  EXPECT_EQ(refused_of_a_hundred(shedder, -3), 100);
  EXPECT_EQ(refused_of_a_hundred(shedder, 0), 0);
  for (int i = 0; i < 5; ++i) shedder.tick(90'000);
  EXPECT_EQ(refused_of_a_hundred(shedder, 0), 50);
  EXPECT_EQ(refused_of_a_hundred(shedder, 5), 0);
  for (int i = 0; i < 100; ++i) shedder.tick(90'000);
  EXPECT_EQ(refused_of_a_hundred(shedder, 0), 100);
  EXPECT_EQ(refused_of_a_hundred(shedder, 5), 90) << "so that it is seen when it is over";
  for (int i = 0; i < 100; ++i) shedder.tick(0);
  EXPECT_EQ(refused_of_a_hundred(shedder, -3), 0);
}

TEST(Shedder, ZeroIsOff) {
  Shedder shedder(0);
  for (int i = 0; i < 100; ++i) shedder.tick(9'000'000);
  EXPECT_EQ(refused_of_a_hundred(shedder, 0), 0);
}

}  // namespace
}  // namespace sallyport::limit
