#include "config/validate.h"

#include <gtest/gtest.h>

namespace sallyport::config {
namespace {

// Whole configurations are in parse_test.cc; here are the shapes of single values.

TEST(IsHostName, TakesNamesAndAddresses) {
  for (const char* good : {"localhost", "api.example.com", "a-b.c", "127.0.0.1", "::1", "_x.y"}) {
    EXPECT_TRUE(is_host_name(good)) << good;
  }
  for (const char* bad :
       {"", ".", "a..b", "a.", "-a", "a-", "a.-b", "A", "a b", "a:80", "a/b", "https://a", "*.a"}) {
    EXPECT_FALSE(is_host_name(bad)) << bad;
  }
  EXPECT_FALSE(is_host_name(std::string(64, 'a'))) << "a label of 64";
  EXPECT_TRUE(is_host_name(std::string(63, 'a')));
}

TEST(IsPublicUrl, IsWhatLinksMayBeginWith) {
  for (const char* good : {"https://a", "https://api.example.com:8443/v1", "http://[::1]:80",
                           "https://127.0.0.1:8443"}) {
    EXPECT_TRUE(is_public_url(good)) << good;
  }
  for (const char* bad :
       {"", "a", "https://", "https://a/", "ftp://a", "https://a?b", "https://a#b", "https://u@a",
        "https://a b", "https://a:", "https://a:port", "https://a:123456"}) {
    EXPECT_FALSE(is_public_url(bad)) << bad;
  }
}

TEST(IsMailAddress, TakesOneAddressWithoutAName) {
  for (const char* good : {"a@b.c", "no-reply@localhost.local.test", "a.b+c@d"}) {
    EXPECT_TRUE(is_mail_address(good)) << good;
  }
  for (const char* bad : {"", "a", "@b", "a@", "a b@c", "A <a@b>", "a@b,c@d", ".a@b", "a.@b",
                          "a..b@c", "a@b@c", "a@b\r\nX: y"}) {
    EXPECT_FALSE(is_mail_address(bad)) << bad;
  }
}

TEST(IsToken, IsAHeadersName) {
  EXPECT_TRUE(is_token("x-api-key"));
  for (const char* bad : {"", "x key", "x:", "x\xc3\xa4", "x\n"})
    EXPECT_FALSE(is_token(bad)) << bad;
}

}  // namespace
}  // namespace sallyport::config
