#include "auth/username.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::auth {
namespace {

TEST(Username, WhatAUserMayBeCalled) {
  for (const char* name : {"jane", "j", "Jane Doe", "j\xC3\xA4ne@example.com", "1234"}) {
    EXPECT_TRUE(check_username(name)) << name;
  }
  const struct {
    std::string name;
    const char* rule;
  } kCases[] = {
      {"", "1 to 128 bytes"},
      {std::string(129, 'x'), "1 to 128 bytes"},
      {"a\nb", "control characters"},
      {"\xFF", "UTF-8"},
      {"a:b", "colon"},
      {" a", "blank"},
      {"a ", "blank"},
      {std::string(101, 'x'), "100 characters"},
      {"0123456789ABCDEF", "looks like an id"},
  };
  for (const auto& [name, rule] : kCases) {
    const auto checked = check_username(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_NE(checked.error().message.find(rule), std::string::npos) << checked.error().message;
  }
}

}  // namespace
}  // namespace sallyport::auth
