#include "messaging/channels/smpp/gsm.h"

#include <gtest/gtest.h>

namespace sallyport::messaging {
namespace {

TEST(Gsm, EverySeptetOfTheDefaultAlphabetComesBack) {
  for (int value = 0; value < 128; ++value) {
    if (value == kGsmEscape) continue;
    const std::string septet(1, static_cast<char>(value));
    EXPECT_EQ(to_gsm(from_gsm(septet)), septet) << value;
  }
}

TEST(Gsm, KnowsItsOddPlaces) {
  EXPECT_EQ(to_gsm("@"), std::string(1, '\0'));
  EXPECT_EQ(to_gsm("$"), "\x02");
  EXPECT_EQ(to_gsm("_"), "\x11");
  EXPECT_EQ(to_gsm("\u00E0"), "\x7F");
  EXPECT_EQ(to_gsm("\u20AC[]"), "\x1B\x65\x1B\x3C\x1B\x3E") << "the extension table takes two";
}

TEST(Gsm, HasNoSeptetsForTheRest) {
  for (const char* text : {"`", "\u00E7", "\u4E2D", "\U0001F600", "\xFF", "\uFFFD", "\t"}) {
    EXPECT_FALSE(to_gsm(text)) << text;
  }
}

TEST(Gsm, ReadsWhatNobodyShouldSend) {
  EXPECT_EQ(from_gsm("a\x1B"), "a\uFFFD") << "an escape with nothing behind it";
  EXPECT_EQ(from_gsm("\x1B\x41"), "A") << "not in the extension table: the default alphabet's";
  EXPECT_EQ(from_gsm("\x80"), "\uFFFD");
}

TEST(Ucs2, GoesThereAndBack) {
  const std::string text = "a\u4E2D\U0001F600";
  EXPECT_EQ(to_ucs2(text), std::string("\0a\x4E\x2D\xD8\x3D\xDE\x00", 8));
  EXPECT_EQ(from_ucs2(*to_ucs2(text)), text);
  EXPECT_FALSE(to_ucs2("\xFF"));
}

TEST(Ucs2, LoneHalvesBecomeReplacements) {
  EXPECT_EQ(from_ucs2(std::string_view("\xD8\x3D", 2)), "\uFFFD");
  EXPECT_EQ(from_ucs2(std::string_view("\xDE\x00\0a", 4)), "\uFFFDa");
  EXPECT_EQ(from_ucs2(std::string_view("\0a\0", 3)), "a\uFFFD");
}

}  // namespace
}  // namespace sallyport::messaging
