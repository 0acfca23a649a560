#include "messaging/address.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

TEST(Address, TakesEmailAddresses) {
  const std::string cases[] = {
      "a@b",
      "ann@example.com",
      "first.last+tag@sub.example.co.uk",
      "!#$%&'*+-/=?^_`{|}~@example.com",
      "a@xn--bcher-kva.example",
      "a@1example.com",
      std::string(64, 'a') + "@example.com",
  };
  for (const std::string& one : cases) {
    EXPECT_TRUE(is_email_address(one)) << one << ": " << why_no_email_address(one).value_or("");
  }
}

TEST(Address, RefusesTheRestAndSaysWhy) {
  struct Case {
    std::string text;
    const char* why;
  };
  const Case cases[] = {
      {"", "no @"},
      {"not an address", "no @"},
      {"@example.com", "nothing before"},
      {"a@", "no domain"},
      {".a@example.com", "misplaced dot"},
      {"a.@example.com", "misplaced dot"},
      {"a..b@example.com", "misplaced dot"},
      {"a b@example.com", "not allowed"},
      {"\"a\"@example.com", "not allowed"},
      {"a@b@example.com", "not allowed"},
      {"<a@example.com>", "not allowed"},
      {"a\r\nb@example.com", "not allowed"},
      {"\xC3\xBC@example.com", "not ASCII"},
      {std::string(65, 'a') + "@example.com", "64 characters"},
      {"a@example.com\r\nRCPT TO:<x@y>", "not allowed"},
      {"a@example.com\r\n", "malformed domain"},
      {"a@ex ample.com", "malformed domain"},
      {"a@example..com", "malformed domain"},
      {"a@example.com.", "malformed domain"},
      {"a@-example.com", "malformed domain"},
      {"a@example-.com", "malformed domain"},
      {"a@exa_mple.com", "malformed domain"},
      {"a@[127.0.0.1]", "malformed domain"},
      {"a@127.0.0.1", "instead of a domain"},
      {"a@b\xC3\xBC"
       "cher.example",
       "xn--"},
      {"a@" + std::string(64, 'b') + ".com", "malformed domain"},
      {"a@" + std::string(256, 'b'), "255 characters"},
  };
  for (const Case& one : cases) {
    const auto why = why_no_email_address(one.text);
    ASSERT_TRUE(why) << one.text;
    EXPECT_NE(why->find(one.why), std::string::npos) << one.text << ": " << *why;
  }
  EXPECT_FALSE(is_email_address(std::string_view("a\0@example.com", 14))) << "NUL";
}

TEST(Address, KnowsPhoneNumbers) {
  for (const char* one : {"61400400400", "+61 400 400 400", "(02) 9999-9999", "1234567"}) {
    EXPECT_TRUE(is_phone_number(one)) << one;
  }
  for (const char* one : {"", "+", "123456", "1234567890123456", "a1234567", "1@2.example"}) {
    EXPECT_FALSE(is_phone_number(one)) << one;
  }
}

TEST(Address, SplitsAtBothSeparators) {
  const auto parts = split_recipients(" a@b.example; c@d.example,,; \te@f.example ;");
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0], "a@b.example");
  EXPECT_EQ(parts[1], "c@d.example");
  EXPECT_EQ(parts[2], "e@f.example");
  EXPECT_TRUE(split_recipients("").empty());
  EXPECT_TRUE(split_recipients(" ;, ").empty());
}

TEST(Address, OnlyTheDomainIgnoresCase) {
  EXPECT_EQ(normalize_address("Ann@Example.COM"), "Ann@example.com");
  EXPECT_EQ(domain_of("a@b.example"), "b.example");
  EXPECT_EQ(domain_of("a"), "");
}

TEST(Address, ReservedDomainsNameNobody) {
  const ReservedDomains by_default("");
  EXPECT_TRUE(by_default.contains("user.ab.invalid"));
  EXPECT_TRUE(by_default.contains("INVALID"));
  EXPECT_FALSE(by_default.contains("example.com"));
  EXPECT_FALSE(by_default.contains("notinvalid"));
  const ReservedDomains with_bounces("", "Bounces.acme.example");
  EXPECT_TRUE(with_bounces.contains("bounces.ACME.example"));
  EXPECT_FALSE(with_bounces.contains("acme.example"));
  const ReservedDomains configured("User.acme.example");
  for (const char* one : {"user.acme.example", "USER.ACME.EXAMPLE", "x.user.acme.example",
                          "contact.acme.example", "list.acme.example", "a.invalid"}) {
    EXPECT_TRUE(configured.contains(one)) << one;
  }
  EXPECT_FALSE(configured.contains("acme.example"));
}

}  // namespace
}  // namespace sallyport::messaging
