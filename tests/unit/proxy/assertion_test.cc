#include "proxy/assertion.h"

#include <gtest/gtest.h>

#include "base/json_value.h"
#include "http/canonical.h"

namespace sallyport::proxy {
namespace {

TEST(Assertion, SaysWhoCallsHowAndForWhat) {
  http::Request request;
  request.method = http::Method::Post;
  request.request_id = "0123456789abcdef0123456789abcdef";
  Caller caller;
  caller.account = AccountId{0xA1};
  caller.application = ApplicationId{0xB1};
  caller.user = UserId{0xC1};
  caller.environment = Environment::Test;
  caller.roles = R"("sender", "a \"b\" \\c, d", %"K%c3%b6ln 100%25%22")";
  config::Api api;
  api.key.queries = {"apikey"};
  config::Route route;
  route.strip_prefix = "/orders";
  ASSERT_EQ(http::make_canonical(request, "/orders/x?apikey=k&y=1", "a.test"), nullptr);
  EXPECT_EQ(assertion_claims("https://us", "or\"ders", {api, route}, request, caller,
                             1'700'000'000'500'000),
            R"({"iss":"https://us","aud":"or\"ders","jti":"0123456789abcdef0123456789abcdef",)"
            R"("iat":1700000000,"exp":1700000060,"sub":"00000000000000C1",)"
            R"("account":"00000000000000A1","application":"00000000000000B1",)"
            R"("environment":"test","roles":["sender","a \"b\" \\c, d","Köln 100%\""],)"
            R"("method":"POST","target_hash":"oNpukkF-M6vmnyCx-oA563DJlfYwq-xmsbIee1VolUA"})");
}

// Where no user or no key is asked there is nobody to name.
TEST(Assertion, LeavesOutWhoIsNotThere) {
  http::Request request;
  request.path = "/";
  const config::Api api;
  const config::Route route;
  const std::string claims = assertion_claims("i", "a", {api, route}, request, Caller(), 0);
  const auto read = parse_json(claims);
  ASSERT_TRUE(read) << claims;
  for (const char* name : {"sub", "account", "application"}) EXPECT_EQ(read->find(name), nullptr);
  EXPECT_TRUE(read->find("roles")->items.empty());
}

}  // namespace
}  // namespace sallyport::proxy
