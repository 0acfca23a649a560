#include "messaging/input_value.h"

#include <gtest/gtest.h>

#include "messaging/json_reader.h"

namespace sallyport::messaging {
namespace {

TEST(InputValue, FindsMembers) {
  const auto value = read_json(R"({"a":"b"})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("a")->text, "b");
  EXPECT_EQ(value->find("A"), nullptr) << "names are case-sensitive";
  EXPECT_FALSE(value->is_scalar());
  EXPECT_TRUE(value->find("a")->is_scalar());
}

TEST(InputValue, KnowsWhatSaysNothing) {
  for (const char* text : {"null", "\"\"", "\" \\n\"", "0", "\"0\"", "false", "\"false\"", "{}",
                           "[]", R"({"a":"","b":[{"c":0}]})", R"(["",{}])"}) {
    const auto value = read_json(std::string("{\"x\":") + text + "}");
    ASSERT_TRUE(value) << text;
    EXPECT_TRUE(value->find("x")->is_blank()) << text;
  }
  for (const char* text : {"\"a\"", "1", "true", "\"true\"", R"({"a":{"b":"c"}})", "[0,1]"}) {
    const auto value = read_json(std::string("{\"x\":") + text + "}");
    ASSERT_TRUE(value) << text;
    EXPECT_FALSE(value->find("x")->is_blank()) << text;
  }
}

}  // namespace
}  // namespace sallyport::messaging
