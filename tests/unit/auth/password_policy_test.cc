#include "auth/password_policy.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::auth {
namespace {

TEST(PasswordPolicy, WhatIsRefusedAndWhy) {
  const struct {
    std::string password;
    std::string rule;  // empty: it is taken
  } kCases[] = {
      {"", "0 characters"},
      {"seven77", "7 characters"},
      {"tulip-42", ""},
      {std::string(257, 'x') + "!", "258 characters"},
      {"\xFF\xFFtulip-42", "UTF-8"},
      {"tulip\n-4242", "control"},
      {"xxJane.Doe42", "user name"},
      {"JANE.DOE-rides", "user name"},
      {"correct horse battery staple", ""},
      {"p\xC3\xA4sse\xC3\x9Fw\xC3\xB6rter", ""},
      {"password", "everybody"},
      {"PassWord", "everybody"},
      {"Password1!", "everybody"},
      {"p4ssw0rd", "everybody"},
      {"P@$$w0rd123", "everybody"},
      {"12345678", "everybody"},
      {"87654321", "everybody"},
      {"aaaaaaaaaaaa", "everybody"},
      {"abcdefgh", "everybody"},
      {"abcabcabc", "everybody"},
      {"qwertyui", "everybody"},
      {"1q2w3e4r", "everybody"},
      {"iloveyou", "everybody"},
      {"letmein1", "everybody"},
      {"Welcome2026!", "everybody"},
      {"Summer2026", "everybody"},
      {"dragon-keeper-of-the-hill", ""},
      {"password-less is the future", ""},
  };
  for (const auto& [password, rule] : kCases) {
    const auto checked = check_password_policy(password, "jane.doe");
    EXPECT_EQ(checked.has_value(), rule.empty()) << password;
    if (checked) continue;
    EXPECT_NE(checked.error().message.find(rule), std::string::npos) << checked.error().message;
    if (!password.empty() && rule == "everybody" && password.size() > 8) {
      EXPECT_EQ(checked.error().message.find(password), std::string::npos) << "told to all";
    }
  }
}

TEST(PasswordPolicy, LengthIsInCharactersNotBytes) {
  std::string eight;
  for (int i = 0; i < 8; ++i) eight += i % 2 == 0 ? "\xC3\xA4" : "\xC3\xB6\xC3\xBC";
  EXPECT_TRUE(check_password_policy(eight, "x"));
  EXPECT_FALSE(check_password_policy("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F\xC3\xA1", "x"));
}

}  // namespace
}  // namespace sallyport::auth
