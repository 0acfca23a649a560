#include "auth/token/signature.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

class Signature : public testing::TestWithParam<TokenAlgorithm> {};

TEST_P(Signature, IsRightForItsTextAndKeyAlone) {
  const SigningKey key = SigningKey::generate(GetParam(), "a");
  const SigningKey other = SigningKey::generate(GetParam(), "b");
  const std::string signature = key.sign("text");
  EXPECT_EQ(signature.size(), 64U) << "as tokens have it, not as DER";
  EXPECT_TRUE(verify_signature(key.public_key(), "text", signature));
  EXPECT_FALSE(verify_signature(key.public_key(), "texT", signature));
  EXPECT_FALSE(verify_signature(other.public_key(), "text", signature));
  EXPECT_FALSE(verify_signature(key.public_key(), "text", ""));
  EXPECT_FALSE(verify_signature(key.public_key(), "text", signature + "x"));
  EXPECT_FALSE(verify_signature(key.public_key(), "text", signature.substr(1)));
  EXPECT_FALSE(verify_signature(key.public_key(), "text", std::string(64, '\0')));
  EXPECT_FALSE(verify_signature(key.public_key(), "text", std::string(64, '\xFF')));
}

TEST_P(Signature, KeyOutlivesItsText) {
  const SigningKey key = SigningKey::generate(GetParam(), "a");
  const auto again = SigningKey::read(GetParam(), "a", key.private_text().reveal());
  ASSERT_TRUE(again);
  EXPECT_TRUE(is_same_key(key.public_key(), again->public_key()));
  EXPECT_TRUE(verify_signature(key.public_key(), "text", again->sign("text")));
  EXPECT_FALSE(is_same_key(key.public_key(), SigningKey::generate(GetParam(), "a").public_key()));
}

INSTANTIATE_TEST_SUITE_P(All, Signature,
                         testing::Values(TokenAlgorithm::EdDsa, TokenAlgorithm::Es256));

TEST(SigningKeyText, IsRefusedWhenItIsNone) {
  const SigningKey key = SigningKey::generate(TokenAlgorithm::EdDsa, "a");
  const Secret text = key.private_text();
  EXPECT_FALSE(SigningKey::read(TokenAlgorithm::Es256, "a", text.reveal())) << "another algorithm";
  EXPECT_FALSE(SigningKey::read(TokenAlgorithm::EdDsa, "a", text.reveal().substr(2)));
  EXPECT_FALSE(SigningKey::read(TokenAlgorithm::EdDsa, "a", "xyz"));
  EXPECT_FALSE(SigningKey::read(TokenAlgorithm::EdDsa, "a", ""));
}

// The key's algorithm decides: a signature of the other kind is only wrong bytes.
TEST(SignatureOfAnotherKind, IsWrong) {
  const SigningKey ed = SigningKey::generate(TokenAlgorithm::EdDsa, "a");
  const SigningKey ec = SigningKey::generate(TokenAlgorithm::Es256, "a");
  EXPECT_FALSE(verify_signature(ed.public_key(), "text", ec.sign("text")));
  EXPECT_FALSE(verify_signature(ec.public_key(), "text", ed.sign("text")));
}

}  // namespace
}  // namespace sallyport::auth
