#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace sallyport {
namespace {

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);

TEST(Secret, MovesAndLeavesNothingBehind) {
  Secret from(std::string("short"));
  const char* where = from.reveal().data();
  Secret to(std::move(from));
  EXPECT_EQ(to.reveal(), "short");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_NE(std::string_view(where, 5), "short") << "the small string is wiped in its old place";
}

TEST(EqualConstantTime, ComparesWholeValues) {
  EXPECT_TRUE(equal_constant_time(std::string_view("abc"), std::string_view("abc")));
  EXPECT_FALSE(equal_constant_time(std::string_view("abc"), std::string_view("abd")));
  EXPECT_FALSE(equal_constant_time(std::string_view("abc"), std::string_view("ab")));
  EXPECT_TRUE(equal_constant_time(std::string_view(), std::string_view()));
}

}  // namespace
}  // namespace sallyport
