#include "proxy/field_rules.h"

#include <gtest/gtest.h>

namespace sallyport::proxy {
namespace {

TEST(FieldRules, IdentityAndFramingOfAClientNeverPass) {
  for (const char* name : {"host",
                           "connection",
                           "content-length",
                           "transfer-encoding",
                           "te",
                           "trailer",
                           "upgrade",
                           "expect",
                           "keep-alive",
                           "proxy-authorization",
                           "proxy-connection",
                           "http2-settings",
                           "forwarded",
                           "x-forwarded-for",
                           "x-forwarded-anything",
                           "x_forwarded_for",
                           "x-real-ip",
                           "x-request-id",
                           "x-sallyport-user",
                           "x_sallyport_user",
                           "x.sallyport.user",
                           "x-sallyport_user",
                           "x!sallyport!user",
                           "x-sallyport-",
                           "content_length",
                           "_host"}) {
    EXPECT_TRUE(is_dropped_from_request(name)) << name;
  }
  for (const char* name : {"accept", "content-type", "cookie", "x-sallyport", "xx-sallyport-user",
                           "x-forward", "hosts", "ten", "user-agent", "date", "1"}) {
    EXPECT_FALSE(is_dropped_from_request(name)) << name;
  }
}

TEST(FieldRules, AnUpstreamNeverSpeaksForTheGateway) {
  for (const char* name :
       {"X-Mashery-Error-Code", "x-error-code", "X-Error-Detail-Header", "X-Plan-QPS-Allotted",
        "RateLimit", "RateLimit-Policy", "ratelimit-limit", "X-Sallyport-User", "X-Request-Id",
        "Connection", "Transfer-Encoding", "Content-Length", "Keep-Alive", "Date",
        "Access-Control-Allow-Credentials", "X_Error_Code"}) {
    EXPECT_TRUE(is_dropped_from_response(name)) << name;
  }
  for (const char* name : {"Content-Type", "Set-Cookie", "ETag", "Location", "X-Errors", "Rate",
                           "Access-Control-Allow-Origin", "X-Plans"}) {
    EXPECT_FALSE(is_dropped_from_response(name)) << name;
  }
}

TEST(NameSet, ComparesAsACarelessUpstreamWould) {
  NameSet names;
  names.add("X-Api-Key");
  names.add("x_api_key");
  for (const char* same : {"x-api-key", "X-API-KEY", "x_api_key", "x.api.key"}) {
    EXPECT_TRUE(names.contains(same)) << same;
  }
  EXPECT_FALSE(names.contains("x-api-keys"));
  EXPECT_FALSE(NameSet().contains("x"));
}

TEST(NamesField, SplitsAConnectionField) {
  EXPECT_TRUE(names_field("close, X-Hop", "x-hop"));
  EXPECT_TRUE(names_field("X-HOP", "x-hop"));
  EXPECT_FALSE(names_field("x-hop-2,, close", "x-hop"));
  EXPECT_FALSE(names_field("", "x-hop"));
}

}  // namespace
}  // namespace sallyport::proxy
