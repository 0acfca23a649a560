#include "http/media_range.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

struct Case {
  const char* text;
  const char* type;
  int quality;
  bool usable;
  const char* why;
};

TEST(MediaRange, ReadsOneRange) {
  const Case cases[] = {
      {"Application/JSON", "application/json", 1000, true, "types have no case"},
      {"*/*;q=0.8", "*/*", 800, true, "a quality"},
      {"*", "*/*", 1000, true, "what some old clients send"},
      {"a/b ; Q=0.125", "a/b", 125, true, "blanks, and q in upper case"},
      {"a/b;q=0", "a/b", 0, true, "not acceptable"},
      {"a/b;q=1.000", "a/b", 1000, true, "all of the digits"},
      {"a/b;q=1.1", "a/b", 1000, true, "above one counts as if it were not there"},
      {"a/b;q=0.1234", "a/b", 1000, true, "too many digits"},
      {"a/b;q=x", "a/b", 1000, true, "not a number"},
      {"a/b;charset=UTF-8", "a/b", 1000, true, "what we write"},
      {"a/b;charset=\"utf-8\"", "a/b", 1000, true, "quoted"},
      {"a/b;charset=latin1", "a/b", 1000, false, "what we do not write"},
      {"a/b;x=\"1,2;q=0\";q=0.5", "a/b", 500, true, "separators within quotes"},
  };
  for (const Case& c : cases) {
    const auto ranges = parse_accept(c.text);
    ASSERT_EQ(ranges.size(), 1U) << c.text;
    EXPECT_EQ(ranges[0].type, c.type) << c.why;
    EXPECT_EQ(ranges[0].quality, c.quality) << c.why;
    EXPECT_EQ(ranges[0].usable, c.usable) << c.why;
  }
}

TEST(MediaRange, ReadsListsAndStopsInTime) {
  EXPECT_TRUE(parse_accept("").empty());
  EXPECT_TRUE(parse_accept(" , ,").empty());
  const auto two = parse_accept("A/b;q=0.1, c/d");
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].written, "A/b");
  EXPECT_EQ(two[1].type, "c/d");
  std::string many;
  for (int i = 0; i < 5'000; ++i) many += "a/b,";
  EXPECT_EQ(parse_accept(many).size(), 64U);
}

TEST(MediaRange, RepeatedFieldsAreOneList) {
  Request request;
  request.fields = {{"accept", "a/b"}, {"x", "y"}, {"accept", "c/d"}};
  EXPECT_EQ(joined(request, "accept"), "a/b,c/d");
  EXPECT_EQ(joined(request, "none"), "");
}

TEST(MediaRange, MediaTypesHaveParameters) {
  const MediaTypeText media = parse_media_type("Text/XML; Charset=\"utf-8\" ;x");
  EXPECT_EQ(media.type, "text/xml");
  ASSERT_EQ(media.parameters.size(), 2U);
  EXPECT_EQ(media.parameters[0].name, "charset");
  EXPECT_TRUE(is_utf8_charset(media.parameters[0].value));
  EXPECT_EQ(media.parameters[1].name, "x");
}

}  // namespace
}  // namespace sallyport::http
