#include "admin/key_rows.h"

#include <gtest/gtest.h>

#include <sstream>

namespace sallyport::admin {
namespace {

// Each row or refusal as "LINE TEXT" or "LINE! RULE".
std::vector<std::string> all(const std::string& text, KeyFormat format = KeyFormat::Csv) {
  std::istringstream content(text);
  auto rows = KeyRows::open(content, format);
  if (!rows) return {"! " + rows.error().message};
  std::vector<std::string> found;
  while (auto next = (*rows)->next()) {
    if (const auto* row = std::get_if<Row>(&*next)) {
      found.push_back(std::to_string(row->line) + " " + row->text);
    } else {
      const auto& refused = std::get<RefusedRow>(*next);
      found.push_back(std::to_string(refused.line) + "! " + refused.rule);
    }
  }
  EXPECT_EQ((*rows)->bytes_read(), std::ssize(text));
  return found;
}

using Found = std::vector<std::string>;

TEST(KeyRows, CsvWithAHeading) {
  EXPECT_EQ(all("Key,note,networks\n"
                "abc,\"a \"\"b\"\", c\",10.0.0.0/8 ::1\r\n"
                "\n"
                "def,\"two\nlines\",\n"
                "ghi,,\n"),
            (Found{R"(2 {"key":"abc","note":"a \"b\", c","allowed_networks":"10.0.0.0/8 ::1"})",
                   R"(4 {"key":"def","note":"two\nlines"})", R"(6 {"key":"ghi"})"}));
}

TEST(KeyRows, OneKeyALineNeedsNoHeading) {
  EXPECT_EQ(all("\xEF\xBB\xBFsecret-one\nsecret-two"),
            (Found{R"(1 {"key":"secret-one"})", R"(2 {"key":"secret-two"})"}));
  EXPECT_EQ(all(""), Found{});
  EXPECT_EQ(all("key\n"), Found{});
}

TEST(KeyRows, AWrongHeadingIsNamed) {
  EXPECT_EQ(all("key,colour\n").at(0).substr(0, 72),
            "! line 1 must name the columns, and its column 2 has a name that is not ");
  EXPECT_EQ(all("note,status\nx,y\n"), Found{"! line 1 names no column \"key\""});
  EXPECT_EQ(all("key,rate,rate_per_second\n"),
            Found{"! line 1 names the column rate_per_second twice"});
  for (const char* text : {"Key;note\nabc;x\n", "key\tnote\n", "note|key\n"}) {
    EXPECT_EQ(all(text), Found{"! line 1 names columns, but there must be commas between them"});
  }
  EXPECT_EQ(all("a;b\n"), Found{R"(1 {"key":"a;b"})"});
}

TEST(KeyRows, WhatCannotBeReadIsRefusedAndTheNextIsRead) {
  EXPECT_EQ(all("key,note\n"
                "a,b,c\n"
                "\"a\"x,b\n"
                "a\"b,c\n"
                ",b\n" +
                std::string(kMaxRowBytes + 1, 'x') +
                "\n"
                "good,1\n"
                "good,2\n"
                "last,\"open\n"),
            (Found{"2! it has 3 fields, and the heading 2",
                   "3! after a quoted field there must be a comma",
                   "4! a quotation mark inside a field that is not quoted", "5! there is no key",
                   "6! the line is longer than 16384 bytes", R"(7 {"key":"good","note":"1"})",
                   "8! it has the same key as line 7", "9! a quoted field does not end"}));
  EXPECT_EQ(all("key\n\xFFxx\n"), Found{"2! key is not UTF-8"});
}

TEST(KeyRows, JsonLines) {
  EXPECT_EQ(all("{\"key\":\"a\",\"allowed_networks\":[\"10.0.0.0/8\",\"::1\"],\"rate\":5}\n"
                "{\"key\":\"b\",\"note\":null}\n"
                "{\"key\":\"c\",\"key\":\"d\"}\n"
                "[]\n"
                "{\"key\":\"e\",\"other\":1}\n"
                "{\"key\":\"f\",\"note\":{}}\n"
                "{\"rate\":1,\"rate_per_second\":2,\"key\":\"g\"}\n"
                "{\"key\":\"a\"}\n",
                KeyFormat::JsonLines)
                .size(),
            8U);
  const Found found =
      all("{\"key\":\"a\",\"allowed_networks\":[\"10.0.0.0/8\",\"::1\"],\"rate\":5}\n"
          "{\"key\":\"e\",\"other\":1}\n{\"rate\":1,\"rate_per_second\":2,\"key\":\"g\"}\n"
          "{\"key\":\"f\",\"note\":{\"a\":\"b\"}}\n{\"key\":\"a\"}\n",
          KeyFormat::JsonLines);
  EXPECT_EQ(
      found,
      (Found{R"(1 {"key":"a","allowed_networks":"10.0.0.0/8 ::1","rate_per_second":"5"})",
             "2! member 2 has a name that is not known; there are: key, subscription, application, "
             "environment, status, not_before, expires, allowed_networks, note, "
             "rate_per_second, burst, quota, quota_period",
             "3! rate_per_second is there twice", "4! note must be a text",
             "5! it has the same key as line 1"}));
}

TEST(KeyRows, TheFormatIsGuessed) {
  std::istringstream json("{\"key\":1}");
  std::istringstream csv("key\n");
  EXPECT_EQ(guess_format("x.csv", json), KeyFormat::Csv);
  EXPECT_EQ(guess_format("x.jsonl", csv), KeyFormat::JsonLines);
  EXPECT_EQ(guess_format("-", json), KeyFormat::JsonLines);
  EXPECT_EQ(guess_format("-", csv), KeyFormat::Csv);
}

TEST(IdRows, AreLines) {
  std::istringstream content("# those of Acme\n0123456789AB\r\n\n  X  \n" + std::string(65, 'x'));
  IdRows rows(content);
  EXPECT_EQ(std::get<Row>(*rows.next()).text, "0123456789AB");
  const Row second = std::get<Row>(*rows.next());
  EXPECT_EQ(second.text, "X");
  EXPECT_EQ(second.line, 4);
  EXPECT_EQ(std::get<RefusedRow>(*rows.next()).rule, "that is no key's id");
  EXPECT_FALSE(rows.next());
}

}  // namespace
}  // namespace sallyport::admin
