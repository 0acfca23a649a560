#include "base/crypto.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace sallyport {
namespace {

TEST(Sha256, KnownAnswers) {  // FIPS 180-2, appendix B
  EXPECT_EQ(hex_lower(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_lower(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(HmacSha256, KnownAnswers) {  // RFC 4231, cases 1 and 2
  EXPECT_EQ(hex_lower(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex_lower(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crc32, CheckValue) { EXPECT_EQ(crc32("123456789"), 0xCBF43926U); }

TEST(Seal, OpensOnlyWithTheSameKeyAndContext) {
  SeededRandom random(1);
  const Secret key(std::string(32, 'k'));
  const Secret other(std::string(32, 'o'));
  const std::string sealed = seal(key, "smtp password", "row 7", random);
  EXPECT_EQ(sealed.find("smtp"), std::string::npos);
  const auto opened = open_sealed(key, sealed, "row 7");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "smtp password");
  EXPECT_FALSE(open_sealed(other, sealed, "row 7")) << "another key";
  EXPECT_FALSE(open_sealed(key, sealed, "row 8")) << "moved to another row";
  std::string broken = sealed;
  broken.back() = static_cast<char>(broken.back() ^ 1);
  EXPECT_FALSE(open_sealed(key, broken, "row 7")) << "one bit changed";
  EXPECT_FALSE(open_sealed(key, "short", "row 7"));
}

}  // namespace
}  // namespace sallyport
