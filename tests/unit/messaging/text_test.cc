#include "messaging/text.h"

#include <gtest/gtest.h>

#include <string>

#include "messaging/channels/smpp/segments.h"

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

TEST(Text, CountsTheParts) {
  const auto times = [](const char* text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
  };
  struct Case {
    std::string text;
    std::size_t parts;
  };
  const Case cases[] = {
      {"", 1},
      {times("a", 160), 1},
      {times("a", 161), 2},
      {times("a", 306), 2},
      {times("a", 307), 3},
      {times("\u20ac", 80), 1},
      {times("\u20ac", 81), 2},
      {times("\u20ac", 152), 2},
      {times("\u20ac", 153), 3},  // 306 septets, but an escape would be the last of the first part
      {times("\u044f", 70), 1},
      {times("\u044f", 71), 2},
      {times("\u044f", 134), 2},
      {times("\u044f", 135), 3},
      {times("\U0001F600", 35), 1},
      {times("\U0001F600", 66), 2},
      {times("\U0001F600", 67), 3},  // the same with a pair of surrogates
  };
  for (const Case& one : cases) {
    EXPECT_EQ(sms_parts(one.text), one.parts) << one.text;
    const auto segments = segments_of(one.text, 7);
    ASSERT_TRUE(segments);
    EXPECT_EQ(segments->parts.size(), one.parts) << "what is counted is what is sent: " << one.text;
  }
}

TEST(Text, ShowsABeginning) {
  EXPECT_EQ(excerpt("j\u00fcrgen", 80), "j\u00fcrgen");
  EXPECT_EQ(excerpt("j\u00fcrgen", 2), "j");
  EXPECT_EQ(excerpt("j\u00fcrgen", 3), "j\u00fc");
  EXPECT_EQ(excerpt("a\xFF", 9), "a\uFFFD");
}

TEST(Text, MakesPrintable) {
  EXPECT_EQ(printable("a\r\nb\xFF", 10), "a??b?");
  EXPECT_EQ(printable("abcdef", 3), "abc");
}

}  // namespace
}  // namespace sallyport::messaging
