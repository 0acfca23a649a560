#include "base/encoding.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Base64, OnlyTheCanonicalPaddedForm) {
  struct Case {
    const char* text;
    const char* bytes;  // null: refused
    const char* why;
  };
  const Case cases[] = {
      {"", "", "nothing is nothing"},
      {"Zg==", "f", "RFC 4648 section 10"},
      {"Zm8=", "fo", "RFC 4648 section 10"},
      {"Zm9vYmFy", "foobar", "RFC 4648 section 10"},
      {"Zg", nullptr, "padding is missing"},
      {"Zg=", nullptr, "half of the padding"},
      {"Zh==", nullptr, "bits that an encoder leaves zero are set"},
      {"Zm9=", nullptr, "the same with one pad"},
      {"Zm9vYmFy\n", nullptr, "a line break"},
      {"Zm 8", nullptr, "a blank inside"},
      {"Zm8_", nullptr, "the URL alphabet"},
      {"====", nullptr, "padding only"},
      {"Zg==Zg==", nullptr, "padding inside"},
  };
  for (const Case& c : cases) {
    const auto bytes = base64_decode(c.text);
    if (c.bytes == nullptr) {
      EXPECT_FALSE(bytes) << c.text << ": " << c.why;
    } else {
      ASSERT_TRUE(bytes) << c.text << ": " << c.why;
      EXPECT_EQ(*bytes, c.bytes) << c.why;
      EXPECT_EQ(base64_encode(*bytes), c.text) << c.why;
    }
  }
  EXPECT_EQ(base64_decode_lenient("Zm9v\r\nYmE").value_or("refused"), "fooba");
}

TEST(Crockford, RoundTripsSixtyBits) {
  const std::uint64_t value = 0x0123'4567'89AB'CDEFULL;
  const std::string text = crockford_encode(value, 12);
  EXPECT_EQ(text.size(), 12U);
  EXPECT_EQ(crockford_decode(text), value);
  EXPECT_FALSE(crockford_decode("O")) << "letters that look like digits are not read as them";
  EXPECT_FALSE(crockford_decode("0000000000000")) << "thirteen digits";
}

TEST(Base62, HasAFixedWidth) {
  EXPECT_EQ(base62_encode(0, 6), "000000");
  EXPECT_EQ(base62_encode(61, 2), "0z");
  EXPECT_EQ(base62_encode(0xFFFFFFFF, 6).size(), 6U);
}

TEST(Percent, DecodesOnlyWholeEscapes) {
  EXPECT_EQ(percent_decode("a%20b+c").value_or("refused"), "a b+c");
  EXPECT_FALSE(percent_decode("a%2"));
  EXPECT_FALSE(percent_decode("%zz"));
  EXPECT_EQ(percent_encode_query("a b&c=d"), "a%20b%26c%3Dd");
}

TEST(Utf8, RefusesWhatIsNotUtf8) {
  EXPECT_TRUE(is_utf8("gr\xC3\xBC\xC3\x9F"));
  EXPECT_TRUE(is_utf8("\xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_utf8("\xC0\xAF")) << "overlong";
  EXPECT_FALSE(is_utf8("\xE0\x80\xAF")) << "overlong in three";
  EXPECT_FALSE(is_utf8("\xED\xA0\x80")) << "a surrogate";
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80")) << "above U+10FFFF";
  EXPECT_FALSE(is_utf8("\xC3")) << "cut short";
  EXPECT_EQ(count_code_points("gr\xC3\xBC"), 3U);
}

TEST(Usernames, CompareAfterCompositionAndFolding) {
  EXPECT_EQ(fold_username("John.Smith"), "john.smith");
  EXPECT_EQ(fold_username("J\xC3\x96RG"), fold_username("jo\xCC\x88rg")) << "composed or not";
  EXPECT_EQ(fold_username("STRASSE"), fold_username("stra\xC3\x9F\x65")) << "full folding";
  EXPECT_FALSE(fold_username(""));
  EXPECT_FALSE(fold_username("a\tb"));
  EXPECT_FALSE(fold_username("a\xC2\x85"));
  EXPECT_FALSE(fold_username("\xFF"));
}

TEST(Passwords, KeepTheirCase) {
  EXPECT_EQ(normalize_password("Pa\xCC\x88sS"), "P\xC3\xA4sS");
  EXPECT_FALSE(normalize_password(std::string_view("a\0b", 3)));
}

TEST(JsonEscape, CannotEndTheString) {
  std::string out;
  append_json_escaped(out, "a\"b\\c\n\x01\x7F");
  EXPECT_EQ(out, "a\\\"b\\\\c\\n\\u0001\\u007f");
}

TEST(Json, EscapesWhereverInAWordTheByteStands) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    std::string alone;
    append_json_escaped(alone, {&c, 1});
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = c;
      std::string out;
      append_json_escaped(out, text);
      EXPECT_EQ(out, std::string(at, 'x') + alone + std::string(19 - at, 'x'))
          << value << ' ' << at;
    }
  }
}

TEST(Hex, RoundTrips) {
  const std::uint8_t bytes[] = {0, 0xAB, 0xFF};
  EXPECT_EQ(hex_lower(bytes), "00abff");
  EXPECT_EQ(hex_decode("00ABff"), std::string("\0\xAB\xFF", 3));
  EXPECT_FALSE(hex_decode("abc"));
}

TEST(Text, SeesControls) {
  for (const char* text : {"a\rb", "a\nb", "\t", "\x7F", "\xC2\x85"})
    EXPECT_TRUE(has_control(text));
  EXPECT_TRUE(has_control(std::string_view("a\0b", 3)));
  for (const char* text : {"", "plain", "Gr\u00fc\u00dfe", "\xC2\xA0"}) {
    EXPECT_FALSE(has_control(text));
  }
}

TEST(Ascii, TrimsAndCompares) {
  EXPECT_EQ(trim_ascii(" \tx y \t"), "x y");
  EXPECT_TRUE(equal_ascii_case("X-Api-Key", "x-api-key"));
  EXPECT_FALSE(equal_ascii_case("[", "{")) << "only letters have a case";
}

TEST(Base64Url, IsCanonicalAndWithoutPadding) {
  EXPECT_EQ(base64url_encode(""), "");
  EXPECT_EQ(base64url_encode("f"), "Zg");
  EXPECT_EQ(base64url_encode("\xFB\xFF\xFE"), "-__-");
  for (const std::string text : {"", "f", "fo", "foo", "\xFB\xFF\xFE"}) {
    EXPECT_EQ(base64url_decode(base64url_encode(text)), text);
  }
  for (const char* wrong : {"Zg==", "Z", "Zh", "+//+", "Zm 8", "Zm9v.", "Zm9vY"}) {
    EXPECT_EQ(base64url_decode(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace sallyport
