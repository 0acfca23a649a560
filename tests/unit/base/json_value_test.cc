#include "base/json_value.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(JsonValue, ReadsEveryKind) {
  const auto value = parse_json(
      R"( {"text":"a\u00e9\n","number":-1.5,"big":18446744073709551615,"yes":true,"no":false,)"
      R"("none":null,"list":[1,[2],{"x":3}],"object":{"text":"inner"}} )");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->kind, JsonValue::Kind::Object);
  EXPECT_EQ(*value->find_text("text"), "a\xC3\xA9\n");
  EXPECT_EQ(value->find("number")->number, -1.5);
  EXPECT_EQ(value->find("big")->number, 18446744073709551615.0);
  EXPECT_TRUE(value->find("yes")->truth);
  EXPECT_FALSE(value->find("no")->truth);
  EXPECT_EQ(value->find("none")->kind, JsonValue::Kind::Null);
  ASSERT_EQ(value->find("list")->items.size(), 3U);
  EXPECT_EQ(value->find("list")->items[1].items[0].number, 2);
  EXPECT_EQ(value->find("list")->items[2].find("x")->number, 3);
  EXPECT_EQ(*value->find("object")->find_text("text"), "inner");
  EXPECT_EQ(value->find("missing"), nullptr);
  EXPECT_EQ(value->find_text("number"), nullptr) << "no text";
  EXPECT_EQ(parse_json("7")->number, 7);
}

TEST(JsonValue, WhatIsNotOneStrictDocumentIsNothing) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "empty"},
      {"{", "not ended"},
      {"{} {}", "two documents"},
      {"{}x", "something behind"},
      {"{\"a\":1,\"a\":2}", "a name twice"},
      {"{\"a\":{\"b\":1,\"b\":1}}", "a name twice, inside"},
      {"{'a':1}", "no JSON"},
      {"[1,]", "a comma too many"},
      {"1e999", "no finite number"},
      {"\"\\ud800\"", "half a character"},
      {"\"\xFF\"", "not UTF-8"},
      {"// x\n{}", "a comment"},
  };
  for (const auto& [text, why] : rows) EXPECT_FALSE(parse_json(text)) << why;
}

TEST(JsonValue, HasLimits) {
  EXPECT_TRUE(parse_json("[[[]]]", {3, 10}));
  EXPECT_FALSE(parse_json("[[[[]]]]", {3, 10})) << "too deep";
  EXPECT_TRUE(parse_json("[1,2,3]", {3, 4}));
  EXPECT_FALSE(parse_json("[1,2,3,4]", {3, 4})) << "too many";
  EXPECT_FALSE(parse_json(std::string(100'000, '['))) << "no deeper than the limit, and no crash";
}

}  // namespace
}  // namespace sallyport
