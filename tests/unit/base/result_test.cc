#include "base/result.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorKind::Invalid, "value must be even");
  return value / 2;
}

TEST(Result, CarriesTheValueOrTheError) {
  EXPECT_EQ(half(4).value(), 2);
  ASSERT_FALSE(half(3));
  EXPECT_EQ(half(3).error().kind, ErrorKind::Invalid);
  EXPECT_EQ(half(3).error().message, "value must be even");
  EXPECT_EQ(to_string(ErrorKind::Unavailable), "unavailable");
}

TEST(Check, EndsTheProcess) { EXPECT_DEATH(SALLYPORT_CHECK(1 == 2), "broken invariant: 1 == 2"); }

}  // namespace
}  // namespace sallyport
