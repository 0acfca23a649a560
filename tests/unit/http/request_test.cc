#include "http/request.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(Methods, RoundTripAndKnowTheirCase) {
  for (const char* text :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}) {
    const auto method = parse_method(text);
    ASSERT_TRUE(method) << text;
    EXPECT_EQ(to_string(*method), text);
  }
  EXPECT_FALSE(parse_method("Get"));
  EXPECT_FALSE(parse_method(""));
}

TEST(Request, LooksUpFieldsAndKeepsTexts) {
  Request request;
  request.fields = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(request.field("a"), "1");
  EXPECT_EQ(request.count("a"), 2U);
  EXPECT_FALSE(request.field("c"));
  const std::string_view first = request.keep("x");
  const std::string_view second = request.keep("y");
  EXPECT_EQ(first, "x");
  EXPECT_EQ(second, "y");
  request.clear();
  EXPECT_TRUE(request.fields.empty());
  EXPECT_TRUE(request.kept.empty());
}

}  // namespace
}  // namespace sallyport::http
