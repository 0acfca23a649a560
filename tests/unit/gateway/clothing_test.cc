#include "gateway/clothing.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class ClothingTest : public DoorsFixture {
 protected:
  http::Response dressed(Refusal refusal, const char* host = "api.test",
                         const char* accept = nullptr,
                         std::span<const limit::Standing> standings = {}) {
    Sent sent;
    if (accept != nullptr) sent.fields.emplace_back("accept", accept);
    parse(sent);
    return dress(refusal, {router_->host(host), &request_, request_.request_id,
                           "GET, HEAD, OPTIONS", nullptr, standings});
  }
};

// Where the API allows it, and only of a key that is there.
TEST_F(ClothingTest, TheStateOfAKeyIsDisclosed) {
  for (const Reason told : {Reason::KeyExpired, Reason::KeyRevoked, Reason::KeyNetwork,
                            Reason::SubscriptionWaiting, Reason::PlanInactive}) {
    EXPECT_EQ(field_of(dressed({told}, "modern.test"), "X-Error-Reason"), to_string(told));
    EXPECT_EQ(field_of(dressed({told}, "api.test"), "X-Error-Reason"), "(none)");
  }
  for (const Reason kept :
       {Reason::KeyUnknown, Reason::KeyMalformed, Reason::KeyMissing, Reason::KeyAmbiguous,
        Reason::UserBlocked, Reason::PasswordWrong, Reason::OverRate, Reason::NoRoute}) {
    EXPECT_EQ(field_of(dressed({kept}, "modern.test"), "X-Error-Reason"), "(none)")
        << to_string(kept);
  }
}

// The table of the classic profile, byte for byte.
TEST_F(ClothingTest, Classic) {
  const struct {
    Refusal refusal;
    int status;
    const char *body, *code, *detail;
  } rows[] = {
      {{Reason::KeyUnknown},
       403,
       "<h1>Developer Inactive</h1>",
       "ERR_403_DEVELOPER_INACTIVE",
       "Account Inactive"},
      {{Reason::NotOpenedByPlan},
       403,
       "<h1>Not Authorized</h1>",
       "ERR_403_NOT_AUTHORIZED",
       "Not Authorized"},
      {{Reason::OverRate, 1},
       403,
       "<h1>Developer Over Qps</h1>",
       "ERR_403_DEVELOPER_OVER_QPS",
       "Account Over Queries Per Second Limit"},
      {{Reason::OverQuota, 9, QuotaPeriod::Month},
       403,
       "<h1>Developer Over Rate</h1>",
       "ERR_403_DEVELOPER_OVER_RATE",
       "Account Over Rate Limit"},
      {{Reason::OverQuota, 9, QuotaPeriod::Day},
       403,
       "<h1>Developer Over Rate</h1>",
       "ERR_403_DEVELOPER_OVER_QPD",
       "Account Over Queries Per Day Limit"},
      {{Reason::ServiceOverRate, 1},
       403,
       "<h1>Service Over Qps</h1>",
       "ERR_403_SERVICE_OVER_QPS",
       "Rate Limit Exceeded"},
      {{Reason::TlsRequired},
       403,
       "<h1>Service Requires SSL</h1>",
       "ERR_403_SERVICE_REQUIRES_SSL",
       "Service Requires SSL"},
      {{Reason::OriginRefused}, 403, "<h1>Forbidden</h1>", "ERR_403_ORIGIN", "Origin Not Allowed"},
      {{Reason::KeyAmbiguous}, 400, "<h1>Bad Request</h1>", "ERR_400_BAD_REQUEST", ""},
      {{Reason::NotCanonical}, 400, "<h1>Bad Request</h1>", "ERR_400_BAD_REQUEST", ""},
      {{Reason::MalformedHead}, 400, "<h1>Bad Request</h1>", "ERR_400_BAD_REQUEST", ""},
      {{Reason::Misdirected}, 421, "<h1>Misdirected Request</h1>", "ERR_421_MISDIRECTED", ""},
      {{Reason::NoRoute}, 404, "<h1>Not Found</h1>", "ERR_404_NOT_FOUND", ""},
      {{Reason::MethodNotAllowed}, 405, "<h1>Method Not Allowed</h1>", "ERR_405_METHOD", ""},
      {{Reason::HeadTimeout}, 408, "<h1>Request Timeout</h1>", "ERR_408_REQUEST_TIMEOUT", ""},
      {{Reason::BodyTooLarge}, 413, "<h1>Content Too Large</h1>", "ERR_413_CONTENT_TOO_LARGE", ""},
      {{Reason::TargetTooLong}, 414, "<h1>URI Too Long</h1>", "ERR_414_URI_TOO_LONG", ""},
      {{Reason::ExpectationUnknown},
       417,
       "<h1>Expectation Failed</h1>",
       "ERR_417_EXPECTATION_FAILED",
       ""},
      {{Reason::HeadTooLarge},
       431,
       "<h1>Request Header Fields Too Large</h1>",
       "ERR_431_REQUEST_HEADER_FIELDS_TOO_LARGE",
       ""},
      {{Reason::MethodUnknown}, 501, "<h1>Not Implemented</h1>", "ERR_501_NOT_IMPLEMENTED", ""},
      {{Reason::VersionUnsupported},
       505,
       "<h1>HTTP Version Not Supported</h1>",
       "ERR_505_HTTP_VERSION_NOT_SUPPORTED",
       ""},
      {{Reason::Maintenance},
       503,
       "<h1>Service Unavailable</h1>",
       "ERR_503_SERVICE_UNAVAILABLE",
       "Scheduled Maintenance"},
      {{Reason::StoreAway}, 503, "<h1>Service Unavailable</h1>", "ERR_503_SERVICE_UNAVAILABLE", ""},
      {{Reason::HashPoolFull},
       503,
       "<h1>Service Unavailable</h1>",
       "ERR_503_SERVICE_UNAVAILABLE",
       ""},
      {{Reason::InternalError},
       500,
       "<h1>Internal Server Error</h1>",
       "ERR_500_INTERNAL_SERVER_ERROR",
       ""},
  };
  for (const auto& row : rows) {
    const http::Response response = dressed(row.refusal);
    EXPECT_EQ(response.head.status(), row.status) << row.code;
    EXPECT_EQ(response.body, row.body);
    EXPECT_EQ(field_of(response, "Content-Type"), "text/xml");
    EXPECT_EQ(field_of(response, "X-Error-Code"), row.code);
    EXPECT_EQ(field_of(response, "X-Error-Detail"), row.detail);
    EXPECT_EQ(field_of(response, "X-Error-Detail-Header"), row.detail);
    const bool daily = std::string_view(row.code) == "ERR_403_DEVELOPER_OVER_QPD";
    EXPECT_EQ(field_of(response, "X-Mashery-Error-Code"),
              daily ? "ERR_403_DEVELOPER_OVER_RATE" : row.code);
    EXPECT_EQ(field_of(response, "Retry-After") != "(none)",
              row.status == 503 || row.refusal.retry_after_s > 0)
        << row.code;
    EXPECT_EQ(response.reason, row.refusal.reason);
  }
  EXPECT_EQ(std::string("<h1>Developer Inactive</h1>").size(), 27U);
  EXPECT_EQ(field_of(dressed({Reason::OverQuota, 77, QuotaPeriod::Day}), "Retry-After"), "77");
  EXPECT_EQ(field_of(dressed({Reason::MethodNotAllowed}), "Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(ClothingTest, Compat596) {
  const http::Response response = dressed({Reason::NoRoute}, "closed.test");
  EXPECT_EQ(response.head.status(), 596);
  EXPECT_EQ(response.body, "<h1>596 Service Not Found</h1>");
  EXPECT_EQ(field_of(response, "X-Error-Code"), "ERR_596_SERVICE_NOT_FOUND");
  EXPECT_EQ(field_of(response, "X-Mashery-Error-Code"), "ERR_596_SERVICE_NOT_FOUND");
}

TEST_F(ClothingTest, TheUsersDoorInJson) {
  http::Response response =
      dressed({Reason::PasswordWrong}, "api.test", "application/vnd.whispir.message-v1+json");
  EXPECT_EQ(response.head.status(), 401);
  EXPECT_EQ(
      response.body,
      "{\"errorSummary\":\"Your username and password combination was incorrect. Please check "
      "your authentication details and try again\",\"errorText\":\"Unauthorized\","
      "\"errorDetail\":\"\"}");
  EXPECT_EQ(field_of(response, "Content-Type"), "application/vnd.whispir.message-v1+json");
  EXPECT_EQ(field_of(response, "WWW-Authenticate"), "Basic realm=\"messaging\", charset=\"UTF-8\"");
  EXPECT_EQ(field_of(response, "X-Error-Code"), "(none)");
  EXPECT_EQ(field_of(response, "Retry-After"), "(none)");
  EXPECT_EQ(field_of(dressed({Reason::TooManyFailures, 3}), "Retry-After"), "3");

  response = dressed({Reason::NoPermission}, "api.test", "application/json");
  EXPECT_EQ(response.head.status(), 403);
  EXPECT_EQ(response.body,
            "{\"errorSummary\":\"\",\"errorText\":\"Forbidden\",\"errorDetail\":\"\"}");
  EXPECT_EQ(field_of(response, "WWW-Authenticate"), "(none)");
  response = dressed({Reason::PasswordChangeRequired}, "api.test", "application/json");
  EXPECT_EQ(response.body,
            "{\"errorSummary\":\"\",\"errorText\":\"Forbidden\",\"errorDetail\":\"Password change "
            "required\"}");
}

TEST_F(ClothingTest, TheUsersDoorInXml) {
  const http::Response response = dressed({Reason::UserUnknown});
  EXPECT_EQ(field_of(response, "Content-Type"), "application/xml");
  EXPECT_EQ(response.body,
            "<ns3:error xmlns:ns2=\"http://schemas.api.whispir.com/dap\" "
            "xmlns:ns3=\"http://schemas.api.whispir.com\"><errorSummary>Your username and password "
            "combination was incorrect. Please check your authentication details and try again"
            "</errorSummary><errorText>Unauthorized</errorText><errorDetail></errorDetail>"
            "</ns3:error>");
}

TEST_F(ClothingTest, Modern) {
  http::Response response = dressed({Reason::KeyUnknown}, "modern.test");
  EXPECT_EQ(response.head.status(), 401);
  EXPECT_EQ(field_of(response, "WWW-Authenticate"),
            "ApiKey realm=\"modern\", header=\"x-api-key\"");
  EXPECT_EQ(field_of(response, "Content-Type"), "application/problem+json");
  EXPECT_EQ(
      response.body,
      "{\"type\":\"https://modern.test/problems/key-required\",\"title\":\"A valid API key is "
      "required\",\"status\":401,\"detail\":\"Account Inactive\",\"reason\":\"key-required\","
      "\"request_id\":\"0123456789abcdef0123456789abcdef\"}");
  EXPECT_EQ(dressed({Reason::KeyRevoked}, "modern.test").head.status(), 403);

  limit::Standing standings[2];
  standings[0].limit = standings[0].used = 10;
  standings[0].reset_s = 2;
  standings[1] = {limit::Holder::Key, true, 99, 9, 50, 3'600, 0};
  response = dressed({Reason::OverRate, 2}, "modern.test", nullptr, standings);
  EXPECT_EQ(response.head.status(), 429);
  EXPECT_EQ(field_of(response, "Retry-After"), "2");
  EXPECT_EQ(field_of(response, "RateLimit-Policy"), "\"rate\";q=10;w=1, \"key-quota\";q=99;w=3600");
  EXPECT_EQ(field_of(response, "RateLimit"), "\"rate\";r=0;t=2, \"key-quota\";r=90;t=50");

  response = dressed({Reason::PasswordWrong}, "modern.test", "application/xml");
  EXPECT_EQ(field_of(response, "Content-Type"), "application/problem+xml");
  EXPECT_TRUE(response.body.starts_with(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><problem xmlns=\"urn:ietf:rfc:7807\">"
      "<type>https://modern.test/problems/unauthorized</type>"));
  EXPECT_EQ(field_of(response, "WWW-Authenticate"), "Basic realm=\"modern\", charset=\"UTF-8\"");
}

TEST_F(ClothingTest, WithoutAHostItIsClassic) {
  const http::Response response = dress({Reason::MalformedHead}, {nullptr, nullptr, "id", {}});
  EXPECT_EQ(response.body, "<h1>Bad Request</h1>");
  EXPECT_EQ(field_of(response, "X-Error-Code"), "ERR_400_BAD_REQUEST");
}

TEST_F(ClothingTest, SecurityFieldsAreOnEveryRefusal) {
  for (const char* host : {"api.test", "modern.test"}) {
    for (std::size_t i = 1; i < kReasonCount; ++i) {
      const http::Response response = dressed({static_cast<Reason>(i)}, host);
      EXPECT_EQ(field_of(response, "Cache-Control"), "private, no-store");
      EXPECT_EQ(field_of(response, "Vary"), "Accept, Authorization, x-api-key");
      EXPECT_EQ(field_of(response, "X-Content-Type-Options"), "nosniff");
      EXPECT_EQ(field_of(response, "Referrer-Policy"), "no-referrer");
      EXPECT_FALSE(response.body.empty());
    }
  }
  http::Head head;
  head.add("cache-control", "max-age=60");
  add_security_fields(head);
  EXPECT_EQ(head.wire().find("no-store"), std::string_view::npos) << "the handler's own stays";
}

TEST(ProblemPage, IsThereForEachProblemOnly) {
  EXPECT_NE(problem_page("over-rate").find("Too many requests"), std::string::npos);
  EXPECT_TRUE(problem_page("<script>").empty());
}

}  // namespace
}  // namespace sallyport::gateway
