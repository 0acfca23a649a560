#include "auth/token/jwk.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace sallyport::auth {
namespace {

constexpr TokenAlgorithm kAll[] = {TokenAlgorithm::Rs256, TokenAlgorithm::Es256,
                                   TokenAlgorithm::EdDsa};

// RFC 8037 A.2.
constexpr std::string_view kEd =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"ed"})";
// RFC 7517 A.1.
constexpr std::string_view kEc =
    R"({"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
    R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"ec"})";

std::string rsa(std::size_t bytes, std::string_view e = "AQAB") {
  std::string n(bytes, '\xC5');
  return R"({"kty":"RSA","n":")" + base64url_encode(n) + R"(","e":")" + std::string(e) +
         R"(","alg":"RS256","kid":"rsa"})";
}
std::string set(std::string_view keys) { return "{\"keys\":[" + std::string(keys) + "]}"; }

std::string read(const std::string& text, std::span<const TokenAlgorithm> accepted = kAll) {
  const auto keys = read_jwks(text, accepted);
  if (!keys) return "!" + keys.error().message;
  std::string kids;
  for (const PublicKey& key : *keys) kids += key.kid + " ";
  return kids;
}

std::string with(std::string_view jwk, std::string_view member) {
  return std::string(jwk.substr(0, jwk.size() - 1)) + "," + std::string(member) + "}";
}

TEST(Jwks, AreReadByKind) {
  const std::string all = set(std::string(kEd) + "," + std::string(kEc) + "," + rsa(256));
  EXPECT_EQ(read(all), "ed ec rsa ");
  const TokenAlgorithm one[] = {TokenAlgorithm::Es256};
  EXPECT_EQ(read(all, one), "ec ") << "what is not accepted is not there";
  const auto keys = read_jwks(all, kAll);
  EXPECT_EQ((*keys)[0].algorithm, TokenAlgorithm::EdDsa);
  EXPECT_EQ((*keys)[1].algorithm, TokenAlgorithm::Es256);
  EXPECT_EQ((*keys)[2].algorithm, TokenAlgorithm::Rs256);
}

TEST(Jwks, OursAreReadBack) {
  const PublicKey keys[] = {SigningKey::generate(TokenAlgorithm::EdDsa, "1").public_key(),
                            SigningKey::generate(TokenAlgorithm::Es256, "2").public_key()};
  const auto again = read_jwks(write_jwks(keys), kAll);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->size(), 2U);
  EXPECT_TRUE(is_same_key((*again)[0], keys[0]));
  EXPECT_TRUE(is_same_key((*again)[1], keys[1]));
  EXPECT_EQ(write_jwks({}), "{\"keys\":[]}");
}

TEST(Jwks, WhatIsMeantForSomethingElseIsLeftOut) {
  const std::string ed(kEd);
  const std::string rest = "," + std::string(kEc);
  EXPECT_EQ(read(set(with(ed, R"("use":"enc")") + rest)), "ec ");
  EXPECT_EQ(read(set(with(ed, R"("alg":"ES256")") + rest)), "ec ") << "not this key's";
  EXPECT_EQ(read(set(with(ed, R"("key_ops":["sign"])") + rest)), "ec ");
  EXPECT_EQ(read(set(with(ed, R"("key_ops":["verify"])") + rest)), "ed ec ");
  EXPECT_EQ(read(set(R"({"kty":"oct","k":"c2VjcmV0","kid":"hs"})" + rest)), "ec ")
      << "a shared secret is no public key";
  EXPECT_EQ(read(set(R"({"kty":"EC","crv":"P-521","kid":"x"})" + rest)), "ec ");
  EXPECT_EQ(read(set("{}" + rest)), "ec ");
}

TEST(Jwks, WhatIsUnfitSpoilsTheSet) {
  EXPECT_EQ(read(""), "!no JSON object with an array \"keys\"");
  EXPECT_EQ(read("[]"), "!no JSON object with an array \"keys\"");
  EXPECT_EQ(read(R"({"keys":{}})"), "!no JSON object with an array \"keys\"");
  EXPECT_EQ(read(set("") + std::string(kMaxJwksBytes, ' ')),
            "!no JSON object with an array \"keys\"");
  EXPECT_EQ(read(set("")), "!no key of an algorithm that is accepted");
  EXPECT_EQ(read(set(std::string(kEd) + "," + std::string(kEd))), "!two keys of one kid");
  EXPECT_EQ(read(set(rsa(128))), "!an RSA key of 1024 bits; at least 2048 are needed");
  EXPECT_EQ(read(set(rsa(1025))), "!an RSA key without a fit n and e");
  EXPECT_EQ(read(set(rsa(256, "AQ"))), "!an RSA key with an unfit n or e") << "e = 1";
  EXPECT_EQ(read(set(rsa(256, "Ag"))), "!an RSA key with an unfit n or e") << "e = 2";
  EXPECT_EQ(read(set(rsa(256, "AQAAAAE"))), "!an RSA key without a fit n and e") << "a slow e";
  EXPECT_EQ(read(set(R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})")),
            "!an EC key without x and y of 32 bytes");
  EXPECT_EQ(read(set(R"({"kty":"EC","crv":"P-256","x":")" + base64url_encode(std::string(32, 'x')) +
                     R"(","y":")" + base64url_encode(std::string(32, 'y')) + "\"}")),
            "!an EC key that is no point of P-256");
  EXPECT_EQ(read(set(R"({"kty":"OKP","crv":"Ed25519","x":"AA"})")),
            "!an Ed25519 key without x of 32 bytes");
  EXPECT_EQ(read(set(with(kEd, R"("use":"sig","kid2":1)"))), "ed ");
  EXPECT_EQ(read(set(R"({"kty":"OKP","crv":"Ed25519","x":"AA","kid":7})")),
            "!a key whose kid is no text of 1 to 256 bytes");
  std::string many = std::string(kEd);
  for (int i = 0; i < 64; ++i) many += ",{}";
  EXPECT_EQ(read(set(many)), "!more than 64 keys");
}

}  // namespace
}  // namespace sallyport::auth
