#include "auth/key_uses.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

TEST(KeyUses, AreTakenOnceAndTheListIsUsedAgain) {
  KeyUses uses;
  std::vector<KeyUse> one = {{KeyId{1}, 10}};
  std::vector<KeyUse> other = {{KeyId{2}, 20}, {KeyId{3}, 30}};
  uses.add(one);
  uses.add(other);
  EXPECT_TRUE(one.empty());
  EXPECT_GE(other.capacity(), 2U);
  const auto taken = uses.take();
  ASSERT_EQ(taken.size(), 3U);
  EXPECT_EQ(taken[2].key, KeyId{3});
  EXPECT_EQ(taken[2].at_us, 30);
  EXPECT_TRUE(uses.take().empty());
}

}  // namespace
}  // namespace sallyport::auth
