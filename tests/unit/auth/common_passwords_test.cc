#include "auth/common_passwords.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::auth {
namespace {

TEST(CommonPasswords, AreSortedLowerCaseAndThereOnce) {
  const auto all = common_passwords();
  ASSERT_GT(all.size(), 900U);
  EXPECT_TRUE(std::ranges::is_sorted(all));
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
  for (const std::string_view one : all) EXPECT_EQ(ascii_lower(one), one);
}

}  // namespace
}  // namespace sallyport::auth
