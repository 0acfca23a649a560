#include "auth/basic.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"

namespace sallyport::auth {
namespace {

std::string encoded(const std::string& text) { return "Basic " + base64_encode(text); }

TEST(Basic, GoodCredentials) {
  const struct {
    std::string value, name, password;
    const char* why;
  } rows[] = {
      {"Basic am9obi5zbWl0aDpteXBhc3N3b3Jk", "john.smith", "mypassword", "the sample"},
      {"bAsIc am9obi5zbWl0aDpteXBhc3N3b3Jk", "john.smith", "mypassword", "the scheme in any case"},
      {"Basic    am9obi5zbWl0aDpteXBhc3N3b3Jk", "john.smith", "mypassword", "several spaces"},
      {encoded("John.SMITH:Pass:Word"), "john.smith", "Pass:Word", "the first colon splits"},
      {encoded("a:"), "a", "", "an empty password parses; it fits nobody"},
      {encoded("a:b"), "a", "b", "no padding"},
      {encoded("a:bc"), "a", "bc", "two digits of padding"},
      {encoded("J\xC3\x96RG:p\x61\xCC\x88ss"), "j\xC3\xB6rg", "p\xC3\xA4ss",
       "the name is folded, the password composed"},
  };
  for (const auto& row : rows) {
    BasicCredential credential;
    ASSERT_TRUE(credential.parse(row.value)) << row.why;
    EXPECT_EQ(credential.name(), row.name) << row.why;
    EXPECT_EQ(credential.password(), row.password) << row.why;
  }
}

TEST(Basic, EverythingElseIsNoCredential) {
  const struct {
    std::string value;
    const char* why;
  } rows[] = {
      {"", "empty"},
      {"Basic", "the scheme alone"},
      {"Basic ", "nothing behind the scheme"},
      {"Basicam9objpwYXNz", "no space"},
      {"Basic\tam9objpwYXNz", "a tab is no space"},
      {"Basic \tam9objpwYXNz", "nor behind a space"},
      {"Bearer am9objpwYXNz", "another scheme"},
      {"Basic am9objpwYXNz ", "a blank at the end"},
      {"Basic am9obj pwYXNz", "a blank inside"},
      {"Basic am9objpwYXNz, Basic am9objpwYXNz", "two in one field"},
      {"Basic YTpi=", "wrong padding"},
      {"Basic YTpiYw=", "one digit of padding missing"},
      {"Basic YTpiYw", "no padding"},
      {"Basic YTpiYx==", "bits left over"},
      {"Basic YTpiY2R=", "bits left over, one digit of padding"},
      {"Basic YT=pYg==", "padding inside"},
      {"Basic YTp_", "the URL alphabet"},
      {"Basic !!!!", "no base64"},
      {"Basic ====", "padding only"},
      {encoded("nocolon"), "no colon"},
      {encoded(":password"), "an empty user"},
      {encoded(std::string("a\0b:c", 5)), "NUL in the name"},
      {encoded(std::string("a:b\0c", 5)), "NUL in the password"},
      {encoded("a:b\nc"), "LF"},
      {encoded("a\x7F:b"), "DEL"},
      {encoded("a\xC2\x85:b"), "a C1 control"},
      {encoded("\xFF:b"), "no UTF-8 in the name"},
      {encoded("a:\xED\xA0\x80"), "a surrogate in the password"},
      {encoded("a:" + std::string(4096, 'x')), "over 4 KiB"},
      {"Basic " + std::string(65536, 'A'), "64 KiB"},
  };
  for (const auto& row : rows) {
    BasicCredential credential;
    EXPECT_FALSE(credential.parse(row.value)) << row.why;
  }
}

// Ours must agree with the encoding library on what is canonical.
TEST(Basic, AgreesWithTheDecoder) {
  SeededRandom random(4);
  constexpr std::string_view kAlphabet = "ABCYZabcyz0189+/=:QGg";
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random.below(14), '\0');
    for (char& c : text) c = kAlphabet[random.below(kAlphabet.size())];
    const auto decoded = base64_decode(text);
    BasicCredential credential;
    if (credential.parse("Basic " + text)) {
      EXPECT_TRUE(decoded.has_value()) << text;
    }
    if (decoded && decoded->find(':') != std::string::npos && decoded->front() != ':' &&
        normalize_password(*decoded)) {
      EXPECT_TRUE(credential.parse("Basic " + text)) << text;
    }
  }
}

TEST(Basic, ABufferIsUsedAgain) {
  BasicCredential credential;
  ASSERT_TRUE(credential.parse(encoded("somebody:with a long password")));
  ASSERT_TRUE(credential.parse(encoded("b:c")));
  EXPECT_EQ(credential.name(), "b");
  EXPECT_EQ(credential.password(), "c");
}

}  // namespace
}  // namespace sallyport::auth
