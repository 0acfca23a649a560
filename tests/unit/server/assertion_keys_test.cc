#include "server/assertion_keys.h"

#include <gtest/gtest.h>

#include "auth/token/jws.h"
#include "auth/token/signing_keys.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/table.h"

namespace sallyport::server {
namespace {

TEST(AssertionKeys, SignWithTheKeyOfTokensAndMakeNone) {
  ManualClock clock;
  SeededRandom random(1);
  ImmediateReclaimer reclaimer;
  auth::TokenIssuer own("https://us", reclaimer);
  const AssertionKeys signer(own, clock);
  EXPECT_EQ(signer.issuer(), "https://us");
  EXPECT_EQ(signer.sign("{}"), "") << "without a key nothing is said";
  const auto keys = auth::SigningKeys::make(auth::TokenAlgorithm::EdDsa, 0, random);
  own.replace(keys.key_set(), 0);
  const std::string token = signer.sign(R"({"aud":"x"})");
  const std::size_t dot = token.rfind('.');
  ASSERT_NE(dot, std::string::npos);
  const auto signature = base64url_decode(std::string_view(token).substr(dot + 1));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(
      auth::verify_signature(keys.keys()[0].key.public_key(), token.substr(0, dot), *signature));
  EXPECT_FALSE(auth::read_token(token)) << "no door takes it for a token";
}

}  // namespace
}  // namespace sallyport::server
