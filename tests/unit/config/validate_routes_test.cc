#include "config/validate_routes.h"

#include <gtest/gtest.h>

namespace sallyport::config {
namespace {

// What is said word for word is in tests/golden/config/upstreams.expected.

TEST(ReservedHeaders, AreThoseThatTrustRestsOn) {
  for (const char* name :
       {"host", "content-length", "transfer-encoding", "connection", "x-sallyport-user",
        "x_sallyport_user", "x-forwarded-for", "forwarded", "x-request-id", "proxy-authorization",
        "x-http-method-override", "x-original-url", "te", "upgrade", "expect"}) {
    EXPECT_TRUE(is_reserved_request_header(name)) << name;
  }
  for (const char* name : {"x-region", "cookie", "authorization", "x-api-key", "hosts", "x-for"}) {
    EXPECT_FALSE(is_reserved_request_header(name)) << name;
  }
  for (const char* name : {"x-error-code", "x-mashery-error-code", "ratelimit-policy", "ratelimit",
                           "x-plan-qps-allotted", "x-sallyport-user", "content-length",
                           "connection", "x-request-id"}) {
    EXPECT_TRUE(is_reserved_response_header(name)) << name;
  }
  for (const char* name : {"server", "cache-control", "location", "set-cookie"}) {
    EXPECT_FALSE(is_reserved_response_header(name)) << name;
  }
}

TEST(IsPathPrefix, IsAPieceOfACanonicalPath) {
  for (const char* good : {"/a", "/v2/orders", "/a.b/c~d", "/a..b"}) {
    EXPECT_TRUE(is_path_prefix(good)) << good;
  }
  for (const char* bad : {"", "/", "a", "/a/", "//a", "/a//b", "/a/../b", "/..", "/.", "/a?b",
                          "/a#b", "/a b", "/a%2fb", "/a\\b", "/a;b", "/\xc3\xa4"}) {
    EXPECT_FALSE(is_path_prefix(bad)) << bad;
  }
}

TEST(IsPlainName, IsWhatPlansMayWrite) {
  EXPECT_TRUE(is_plain_name("orders-2_a"));
  for (const char* bad : {"", "a b", "a.b", "\xc3\xa4"}) EXPECT_FALSE(is_plain_name(bad)) << bad;
  EXPECT_FALSE(is_plain_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace sallyport::config
