#include "auth/token/proven_tokens.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

// All digests of one `set` fall into the same set.
Digest digest(std::uint8_t set, std::uint8_t rest) {
  Digest made{};
  made[0] = set;
  made[31] = rest;
  return made;
}
Claims claims(std::uint64_t user) {
  Claims made;
  made.user = {user};
  return made;
}

TEST(ProvenTokens, FindsWhatWasPut) {
  ProvenTokens tokens;
  EXPECT_EQ(tokens.find(digest(1, 1)), nullptr);
  EXPECT_EQ(tokens.find(Digest{}), nullptr) << "an empty place is no token";
  tokens.put(digest(1, 1), claims(7));
  ASSERT_NE(tokens.find(digest(1, 1)), nullptr);
  EXPECT_EQ(tokens.find(digest(1, 1))->user, UserId{7});
  EXPECT_EQ(tokens.find(digest(1, 2)), nullptr) << "every byte counts";
  tokens.put(digest(1, 1), claims(8));
  EXPECT_EQ(tokens.find(digest(1, 1))->user, UserId{8});
}

TEST(ProvenTokens, ForgetsTheLongestUnusedFirst) {
  ProvenTokens tokens;
  for (std::uint8_t i = 0; i < ProvenTokens::kWays; ++i) tokens.put(digest(1, i), claims(i));
  EXPECT_NE(tokens.find(digest(1, 0)), nullptr) << "used again";
  tokens.put(digest(1, 100), claims(100));
  EXPECT_NE(tokens.find(digest(1, 0)), nullptr);
  EXPECT_EQ(tokens.find(digest(1, 1)), nullptr) << "the longest unused";
  EXPECT_NE(tokens.find(digest(1, 2)), nullptr);
  EXPECT_NE(tokens.find(digest(1, 100)), nullptr);
}

}  // namespace
}  // namespace sallyport::auth
