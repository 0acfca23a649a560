#include "auth/token/jws.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace sallyport::auth {
namespace {

std::string token(std::string_view header, std::string_view claims = "{}",
                  std::string_view signature = "sig") {
  return base64url_encode(header) + "." + base64url_encode(claims) + "." +
         base64url_encode(signature);
}

TEST(TokenText, IsReadBack) {
  const SigningKey key = SigningKey::generate(TokenAlgorithm::EdDsa, "0123456789ABCDEF");
  const std::string text = write_token(R"({"sub":"me"})", key);
  const auto read = read_token(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->algorithm, "EdDSA");
  EXPECT_EQ(read->kid, "0123456789ABCDEF");
  EXPECT_EQ(*read->claims.find_text("sub"), "me");
  EXPECT_TRUE(verify_signature(key.public_key(), read->signed_text, read->signature));
  EXPECT_FALSE(verify_signature(key.public_key(), text, read->signature));
}

TEST(TokenText, KidAndTypeMayBeLeftOut) {
  const auto read = read_token(token(R"({"alg":"RS256"})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kid, "");
  for (const char* type : {"JWT", "jwt", "at+jwt", "application/at+jwt", "application/JWT"}) {
    EXPECT_TRUE(read_token(token(R"({"alg":"RS256","typ":")" + std::string(type) + "\"}"))) << type;
  }
}

TEST(TokenText, EverythingElseIsNothing) {
  const std::string good = R"({"alg":"EdDSA","kid":"a"})";
  ASSERT_TRUE(read_token(token(good)));
  const std::pair<std::string, const char*> rows[] = {
      {"", "empty"},
      {"a", "one part"},
      {"a.b", "two parts"},
      {token(good) + ".x", "four parts"},
      {token(good) + "=", "padding"},
      {token(good).replace(3, 1, "*"), "not base64url"},
      {"." + base64url_encode("{}") + ".c2ln", "no header"},
      {token("[]"), "a header that is no object"},
      {token("{}"), "no algorithm"},
      {token(R"({"alg":7})"), "an algorithm that is no text"},
      {token(R"({"alg":"EdDSA","alg":"none"})"), "an algorithm twice"},
      {token(R"({"alg":"EdDSA","kid":7})"), "a kid that is no text"},
      {token(R"({"alg":"EdDSA","kid":""})"), "an empty kid"},
      {token(R"({"alg":"EdDSA","kid":")" + std::string(257, 'k') + "\"}"), "an endless kid"},
      {token(R"({"alg":"EdDSA","crit":["exp"]})"), "critical extensions"},
      {token(R"({"alg":"EdDSA","typ":"logout+jwt"})"), "another kind of token"},
      {token(R"({"alg":"EdDSA","typ":7})"), "a type that is no text"},
      {token(good, "[]"), "claims that are no object"},
      {token(good, "{\"a\":1,\"a\":1}"), "a claim twice"},
      {token(good, "{"), "no JSON"},
      {token(good, "{}", std::string(kMaxTokenBytes, 's')), "too long"},
  };
  for (const auto& [text, why] : rows) EXPECT_FALSE(read_token(text)) << why;
}

}  // namespace
}  // namespace sallyport::auth
