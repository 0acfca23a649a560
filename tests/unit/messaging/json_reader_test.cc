#include "messaging/json_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

using Kind = InputValue::Kind;

TEST(JsonReader, FillsTheModel) {
  const auto read = read_json(R"( {"a":"x\u00e9\ud83d\ude00","n":61400400400,"d":1.5,"t":true,
    "z":null,"l":[1,{"b":"c"}],"o":{}} )");
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->kind, Kind::Object);
  EXPECT_EQ(read->find("a")->text, "x\u00e9\U0001F600");
  EXPECT_EQ(read->find("n")->text, "61400400400");
  EXPECT_EQ(read->find("n")->kind, Kind::Number);
  EXPECT_EQ(read->find("d")->text, "1.5");
  EXPECT_EQ(read->find("t")->text, "true");
  EXPECT_EQ(read->find("z")->kind, Kind::Null);
  ASSERT_EQ(read->find("l")->items.size(), 2U);
  EXPECT_EQ(read->find("l")->items[1].find("b")->text, "c");
  EXPECT_EQ(read->find("o")->kind, Kind::Object);
  EXPECT_EQ(read->find("nothing"), nullptr);
}

TEST(JsonReader, TakesWhatIsAllowed) {
  const std::pair<const char*, std::string> cases[] = {
      {"a UTF-8 byte order mark", "\xEF\xBB\xBF{}"},
      {"the largest depth", "{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}"},
      {"the same name in two objects", R"({"a":{"x":1},"b":{"x":1}})"},
      {"a NUL escape: whether it may be there is for the field to say", R"({"a":"\u0000"})"},
      {"an exponent that is finite", R"({"a":1e300})"},
      {"blanks behind", "{}  \r\n\t"},
  };
  for (const auto& [what, body] : cases) {
    const auto read = read_json(body);
    EXPECT_TRUE(read) << what << ": " << read.error().detail;
  }
}

TEST(JsonReader, RefusesWithTheRule) {
  struct Case {
    const char* what;
    std::string body;
    const char* detail;  // a part of it
  };
  using namespace std::string_literals;
  const Case cases[] = {
      {"nothing", "", "empty"},
      {"blanks only", " \r\n", "empty"},
      {"an array", "[]", "must be an object"},
      {"a text", "\"a\"", "must be an object"},
      {"broken", R"({"to": "a",)", "line 1"},
      {"text behind", "{}x", "column 3"},
      {"a second value", "{} {}", "column 4"},
      {"a name twice", "{\"to\":1,\n\"to\":2}", "\"to\" is given twice"},
      {"a name twice, one escaped", R"({"to":1,"t\u006f":2})", "given twice"},
      {"a name twice, deep", R"({"a":[{"x":1,"x":2}]})", "\"x\" is given twice"},
      {"a lone high surrogate", R"({"a":"\ud800"})", "surrogate"},
      {"a lone low surrogate", R"({"a":"\udc00"})", "surrogate"},
      {"a raw surrogate", "{\"a\":\"\xED\xA0\x80\"}", "UTF-8"},
      {"a byte that is not UTF-8", "{\"a\":\"\xFF\"}", "column 7"},
      {"an overlong form", "{\"a\":\"\xC0\xAF\"}", "UTF-8"},
      {"UTF-16", "{\0\"\0"s, "NUL"},
      {"an exponent without bound", R"({"a":1e999999999})", "line 1"},
      {"not a number", R"({"a":NaN})", "line 1"},
      {"infinity", R"({"a":Infinity})", "line 1"},
      {"a comment", R"({"a":1/*x*/})", "line 1"},
      {"a comma at the end", R"({"a":1,})", "line 1"},
      {"a leading zero", R"({"a":01})", "line 1"},
      {"a control character in a text", "{\"a\":\"\x01\"}", "line 1"},
      {"too deep", "{\"a\":" + std::string(32, '[') + std::string(32, ']') + "}", "32 levels"},
      {"far too deep", "{\"x\":" + std::string(5000, '[') + std::string(5000, ']') + "}",
       "32 levels"},
  };
  for (const Case& one : cases) {
    const auto read = read_json(one.body);
    ASSERT_FALSE(read) << one.what;
    EXPECT_NE(read.error().detail.find(one.detail), std::string::npos)
        << one.what << ": " << read.error().detail;
  }
}

TEST(JsonReader, BoundsTheNumberOfValues) {
  std::string body = "{\"a\":[";
  for (std::size_t i = 0; i < kMaxJsonValues; ++i) body += "1,";
  body += "1]}";
  const auto read = read_json(body);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("values"), std::string::npos) << read.error().detail;
}

TEST(JsonReader, SaysWhere) {
  const auto read = read_json("{\n  \"a\": 1,\n  \"a\": 2\n}");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("line 3"), std::string::npos) << read.error().detail;
}

}  // namespace
}  // namespace sallyport::messaging
