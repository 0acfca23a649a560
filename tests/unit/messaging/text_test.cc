#include "messaging/text.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

TEST(Text, CodePointsRoundTrip) {
  for (const char32_t value : {U'a', U'\u007F', U'\u0080', U'\u07FF', U'\u0800', U'\uFFFD',
                               U'\U00010000', U'\U0010FFFF'}) {
    std::string text;
    append_utf8(text, value);
    const auto point = code_point_at(text, 0);
    ASSERT_TRUE(point);
    EXPECT_EQ(point->value, value);
    EXPECT_EQ(point->length, text.size());
  }
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\xC3("}) {
    EXPECT_FALSE(code_point_at(bad, 0));
  }
  EXPECT_FALSE(code_point_at("", 0));
}

TEST(Text, ReplacesWhatCannotBeWritten) {
  EXPECT_EQ(valid_utf8("a\xFF\xE2\x82\xACz"), "a\uFFFD\u20ACz");
  EXPECT_EQ(valid_xml_text(std::string("a\0b\x1B\tc", 6)), "a\uFFFDb\uFFFD\tc");
  EXPECT_EQ(valid_xml_text("\xEF\xBF\xBF"), "\uFFFD");
}

TEST(Text, KnowsTheGsmAlphabet) {
  EXPECT_TRUE(is_gsm_text("Hello @ \u00a3 \u20ac {}[]~^\\| \u0394\u00df\r\n"));
  for (const char* text : {"`", "\u00e7", "\u4f60", "\U0001F600", "\t", "\xFF"}) {
    EXPECT_FALSE(is_gsm_text(text)) << text;
  }
}

TEST(Text, MakesPrintable) {
  EXPECT_EQ(printable("a\r\nb\xFF", 10), "a??b?");
  EXPECT_EQ(printable("abcdef", 3), "abc");
}

}  // namespace
}  // namespace sallyport::messaging
