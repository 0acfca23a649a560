#include "admin/rows.h"

#include <gtest/gtest.h>

namespace sallyport::admin {
namespace {

TEST(Rows, ComeBackAsTheyWere) {
  const auto rows = read_rows(write_rows({{7, R"({"key":"a b"})"}, {1'000'000, "X"}}));
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].line, 7);
  EXPECT_EQ((*rows)[0].text, R"({"key":"a b"})");
  EXPECT_EQ((*rows)[1].line, 1'000'000);
  EXPECT_TRUE(read_rows("")->empty());
}

TEST(Rows, OthersAreNotUnderstood) {
  for (const char* text : {"x\n", "1\n", "-\n", "\n", "1x y\n", "99999999999999999999 y\n"}) {
    EXPECT_FALSE(read_rows(text)) << text;
  }
}

TEST(Rows, AResultComesBackAsItWas) {
  const auto result = parse_rows_result(to_json({5, 4, 3, {{2, "a \"rule\""}}}));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->done, 5);
  EXPECT_EQ(result->present, 4);
  EXPECT_EQ(result->flagged, 3);
  ASSERT_EQ(result->refused.size(), 1U);
  EXPECT_EQ(result->refused[0].line, 2);
  EXPECT_EQ(result->refused[0].rule, "a \"rule\"");
  for (const char* text :
       {"", "{}", "[]", R"({"done":"x","present":1,"flagged":1,"refused":[]})"}) {
    EXPECT_FALSE(parse_rows_result(text)) << text;
  }
}

}  // namespace
}  // namespace sallyport::admin
