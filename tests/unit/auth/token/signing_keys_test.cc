#include "auth/token/signing_keys.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

constexpr std::int64_t kHour_us = 3'600'000'000;

TEST(SigningKeys, AreReadBack) {
  SeededRandom random(1);
  SigningKeys keys = SigningKeys::make(TokenAlgorithm::EdDsa, 100, random);
  keys.rotate(TokenAlgorithm::Es256, 200, kHour_us, random);
  const auto read = SigningKeys::read(keys.write().reveal());
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->keys().size(), 2U);
  EXPECT_EQ(read->keys()[0].until_us, 0);
  EXPECT_EQ(read->keys()[0].created_us, 200);
  EXPECT_EQ(read->keys()[1].until_us, 200 + kHour_us);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(is_same_key(read->keys()[i].key.public_key(), keys.keys()[i].key.public_key()));
  }
}

TEST(SigningKeys, RotateWithOverlap) {
  SeededRandom random(1);
  SigningKeys keys = SigningKeys::make(TokenAlgorithm::EdDsa, 0, random);
  const std::string first = keys.keys()[0].key.public_key().kid;
  keys.rotate(TokenAlgorithm::EdDsa, 1'000, kHour_us, random);
  const auto set = keys.key_set();
  EXPECT_NE(set->signer->public_key().kid, first) << "the new one signs";
  EXPECT_NE(set->find(first, 1'000 + kHour_us - 1), nullptr) << "the old one is still good";
  EXPECT_EQ(set->find(first, 1'000 + kHour_us), nullptr);
  EXPECT_NE(set->find(set->signer->public_key().kid, INT64_MAX), nullptr);
  // A second rotation does not make the first key live longer, nor keep it when its time is over.
  keys.rotate(TokenAlgorithm::EdDsa, 2'000, 10 * kHour_us, random);
  ASSERT_EQ(keys.keys().size(), 3U);
  EXPECT_EQ(keys.keys()[2].until_us, 1'000 + kHour_us);
  keys.rotate(TokenAlgorithm::EdDsa, 1'000 + kHour_us, kHour_us, random);
  EXPECT_EQ(keys.keys().size(), 3U);
}

TEST(SigningKeys, WithoutOverlapTheOldOnesEndAtOnce) {
  SeededRandom random(1);
  SigningKeys keys = SigningKeys::make(TokenAlgorithm::EdDsa, 0, random);
  keys.rotate(TokenAlgorithm::EdDsa, 1'000, kHour_us, random);
  keys.rotate(TokenAlgorithm::Es256, 2'000, 0, random);
  ASSERT_EQ(keys.keys().size(), 1U);
  EXPECT_EQ(keys.keys()[0].key.public_key().algorithm, TokenAlgorithm::Es256);
}

TEST(SigningKeys, WhatIsNotWholeIsRefused) {
  SeededRandom random(1);
  const SigningKeys keys = SigningKeys::make(TokenAlgorithm::EdDsa, 0, random);
  const Secret text = keys.write();
  const std::string good(text.reveal());
  EXPECT_TRUE(SigningKeys::read(good));
  EXPECT_FALSE(SigningKeys::read("")) << "nobody signs";
  EXPECT_FALSE(SigningKeys::read(good + good)) << "two sign";
  EXPECT_FALSE(SigningKeys::read(good.substr(0, good.size() - 10)));
  EXPECT_FALSE(SigningKeys::read("x " + good));
  EXPECT_FALSE(SigningKeys::read(good + "\n"));
  EXPECT_EQ(SigningKeys::read(good + "junk\n").error().message, "line 2: not a signing key");
}

}  // namespace
}  // namespace sallyport::auth
