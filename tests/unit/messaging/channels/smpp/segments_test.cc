#include "messaging/channels/smpp/segments.h"

#include <gtest/gtest.h>

#include "messaging/channels/smpp/gsm.h"

namespace sallyport::messaging {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string joined(const Segments& segments) {
  std::string text;
  for (const std::string& part : segments.parts) {
    const auto read = read_part(part, segments.has_header());
    text += segments.ucs2 ? from_ucs2(read->content) : from_gsm(read->content);
  }
  return text;
}

TEST(Segments, FitAsTheSpecificationSays) {
  struct Case {
    std::string text;
    bool ucs2;
    std::size_t parts;
    std::string_view why;
  };
  const Case cases[] = {
      {"", false, 1, "an empty text is one empty message"},
      {repeated("a", 160), false, 1, "160 septets"},
      {repeated("a", 161), false, 2, "153 in each part"},
      {repeated("a", 306), false, 2, "two full parts"},
      {repeated("a", 307), false, 3, "and one more"},
      {repeated("\u20AC", 80), false, 1, "the extension counts twice"},
      {repeated("\u20AC", 81), false, 2, "162 septets"},
      {repeated("\u4E2D", 70), true, 1, "70 units"},
      {repeated("\u4E2D", 71), true, 2, "67 in each part"},
      {repeated("\U0001F600", 35), true, 1, "pairs are two units"},
      {repeated("\U0001F600", 36), true, 2, "72 units"},
  };
  for (const Case& one : cases) {
    const auto segments = segments_of(one.text, 7);
    ASSERT_TRUE(segments) << one.why;
    EXPECT_EQ(segments->ucs2, one.ucs2) << one.why;
    EXPECT_EQ(segments->parts.size(), one.parts) << one.why;
    EXPECT_EQ(joined(*segments), one.text) << one.why;
    for (const std::string& part : segments->parts) {
      const std::size_t most = one.ucs2 ? 140 : segments->has_header() ? 159 : 160;
      EXPECT_LE(part.size(), most) << one.why;
    }
  }
}

TEST(Segments, CarryReferenceTotalAndNumber) {
  const auto segments = segments_of(repeated("a", 400), 0xAB);
  ASSERT_EQ(segments->parts.size(), 3U);
  EXPECT_EQ(segments->parts[1].substr(0, 6), std::string("\x05\x00\x03\xAB\x03\x02", 6));
  const auto read = read_part(segments->parts[2], true);
  ASSERT_TRUE(read && read->concatenation);
  EXPECT_EQ(read->concatenation->reference, 0xAB);
  EXPECT_EQ(read->concatenation->total, 3);
  EXPECT_EQ(read->concatenation->number, 3);
}

TEST(Segments, NeverSplitAnEscapeOrAPair) {
  for (std::size_t before = 140; before < 170; ++before) {
    const std::string text = repeated("a", before) + repeated("\u20AC", 20);
    const auto segments = segments_of(text, 1);
    for (const std::string& part : segments->parts) {
      EXPECT_NE(part.back(), kGsmEscape) << before;
    }
    EXPECT_EQ(joined(*segments), text) << before;
  }
  for (std::size_t before = 60; before < 75; ++before) {
    const std::string text = repeated("\u4E2D", before) + repeated("\U0001F600", 20);
    EXPECT_EQ(joined(*segments_of(text, 1)), text) << before;
  }
}

TEST(Segments, RefuseWhatCannotBeCounted) {
  EXPECT_TRUE(segments_of(repeated("a", 255 * 153), 1));
  EXPECT_FALSE(segments_of(repeated("a", 255 * 153 + 1), 1));
  EXPECT_FALSE(segments_of("\xFF", 1));
}

TEST(ReadPart, UnderstandsBothHeadersAndRefusesBrokenOnes) {
  const auto wide = read_part(std::string_view("\x06\x08\x04\x01\x02\x03\x01hi", 9), true);
  ASSERT_TRUE(wide && wide->concatenation);
  EXPECT_EQ(wide->concatenation->reference, 0x0102);
  EXPECT_EQ(wide->content, "hi");
  EXPECT_FALSE(read_part("\x09zz", true)) << "longer than the message";
  EXPECT_FALSE(read_part("", true));
  const auto odd = read_part(std::string_view("\x05\x00\x03\x01\x02\x03hi", 8), true);
  ASSERT_TRUE(odd);
  EXPECT_FALSE(odd->concatenation) << "part 3 of 2";
  EXPECT_EQ(read_part("hi", false)->content, "hi");
}

}  // namespace
}  // namespace sallyport::messaging
