#include "auth/token/claims.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

constexpr std::int64_t kNow_us = 1'790'000'000'000'000;

class ClaimsTest : public testing::Test {
 protected:
  static config::Issuer settings() {
    config::Issuer settings;
    settings.issuer = "https://login.test";
    settings.audience = {"us", "also us"};
    settings.user_claim = "name";
    settings.leeway = config::milliseconds(30'000);
    return settings;
  }
  Reason outside(const std::string& json) {
    claims_ = {};
    return read_claims(*parse_json(json), outside_, claims_);
  }
  Reason ours(const std::string& json) {
    claims_ = {};
    return read_claims(*parse_json(json), own_, claims_);
  }

  ImmediateReclaimer reclaimer_;
  TokenIssuer own_{"sallyport", reclaimer_};
  TokenIssuer outside_{settings(), {}, reclaimer_};
  Claims claims_;
};

TEST_F(ClaimsTest, OursAreReadBack) {
  Claims written;
  written.issuer = &own_;
  written.expires_us = kNow_us + 1'800'000'000;
  written.user = {1};
  written.account = {2};
  written.application = {3};
  written.api_key = {4};
  written.security_version = UINT64_MAX;
  written.audience = "mess\"aging";
  const std::string text = write_claims(written, kNow_us);
  EXPECT_EQ(*parse_json(text)->find_text("iss"), "sallyport");
  EXPECT_EQ(parse_json(text)->find("iat")->number, 1'790'000'000);
  ASSERT_EQ(ours(text), Reason::Ok);
  EXPECT_EQ(claims_.expires_us, written.expires_us);
  EXPECT_EQ(claims_.user, written.user);
  EXPECT_EQ(claims_.account, written.account);
  EXPECT_EQ(claims_.application, written.application);
  EXPECT_EQ(claims_.api_key, written.api_key);
  EXPECT_EQ(claims_.security_version, UINT64_MAX) << "all 64 bits of it";
  EXPECT_EQ(claims_.audience, "mess\"aging");
}

TEST_F(ClaimsTest, OursMustSayEverything) {
  const std::string rest =
      R"("acc":"0000000000000002","app":"0000000000000003","key":"0000000000000004","ver":"1")";
  EXPECT_EQ(ours(R"({"exp":1,"aud":"a","sub":"0000000000000001",)" + rest + "}"), Reason::Ok);
  EXPECT_EQ(ours(R"({"aud":"a","sub":"0000000000000001",)" + rest + "}"), Reason::TokenExpired);
  EXPECT_EQ(ours(R"({"exp":1,"sub":"0000000000000001",)" + rest + "}"), Reason::TokenAudience);
  EXPECT_EQ(ours(R"({"exp":1,"aud":"a",)" + rest + "}"), Reason::TokenMalformed);
  EXPECT_EQ(ours(R"({"exp":1,"aud":"a","sub":"1",)" + rest + "}"), Reason::TokenMalformed);
  EXPECT_EQ(ours(R"({"exp":1,"aud":"a","sub":"0000000000000001"})"), Reason::TokenMalformed);
}

TEST_F(ClaimsTest, OutsideOnesNeedAudienceTimeAndName) {
  EXPECT_EQ(outside(R"({"aud":"us","exp":5,"name":"JOHN"})"), Reason::Ok);
  EXPECT_EQ(claims_.folded_name, "john");
  EXPECT_EQ(outside(R"({"aud":["x","also us"],"exp":5.5,"nbf":4,"name":"j"})"), Reason::Ok);
  EXPECT_EQ(claims_.expires_us, 5'500'000);
  EXPECT_EQ(claims_.not_before_us, 4'000'000);
  EXPECT_EQ(outside(R"({"exp":5,"name":"j"})"), Reason::TokenAudience);
  EXPECT_EQ(outside(R"({"aud":"them","exp":5,"name":"j"})"), Reason::TokenAudience);
  EXPECT_EQ(outside(R"({"aud":[],"exp":5,"name":"j"})"), Reason::TokenAudience);
  EXPECT_EQ(outside(R"({"aud":[["us"]],"exp":5,"name":"j"})"), Reason::TokenAudience);
  EXPECT_EQ(outside(R"({"aud":"us","name":"j"})"), Reason::TokenExpired) << "good for ever";
  EXPECT_EQ(outside(R"({"aud":"us","exp":"5","name":"j"})"), Reason::TokenMalformed);
  EXPECT_EQ(outside(R"({"aud":"us","exp":-5,"name":"j"})"), Reason::TokenMalformed);
  EXPECT_EQ(outside(R"({"aud":"us","exp":1e300,"name":"j"})"), Reason::TokenMalformed);
  EXPECT_EQ(outside(R"({"aud":"us","exp":5,"nbf":null,"name":"j"})"), Reason::TokenMalformed);
  EXPECT_EQ(outside(R"({"aud":"us","exp":5})"), Reason::TokenMalformed);
  EXPECT_EQ(outside(R"({"aud":"us","exp":5,"name":7})"), Reason::TokenMalformed);
  EXPECT_EQ(outside(R"({"aud":"us","exp":5,"name":""})"), Reason::TokenMalformed);
}

TEST_F(ClaimsTest, TimesHaveTheIssuersLeeway) {
  claims_.issuer = &outside_;
  claims_.expires_us = kNow_us;
  claims_.not_before_us = kNow_us;
  EXPECT_EQ(check_times(claims_, kNow_us), Reason::Ok);
  EXPECT_EQ(check_times(claims_, kNow_us + 29'999'999), Reason::Ok);
  EXPECT_EQ(check_times(claims_, kNow_us + 30'000'000), Reason::TokenExpired);
  EXPECT_EQ(check_times(claims_, kNow_us - 30'000'000), Reason::Ok);
  EXPECT_EQ(check_times(claims_, kNow_us - 30'000'001), Reason::TokenNotYetValid);
  claims_.issuer = &own_;
  EXPECT_EQ(check_times(claims_, kNow_us - 1), Reason::TokenNotYetValid) << "one clock, no leeway";
  EXPECT_EQ(check_times(claims_, kNow_us), Reason::TokenExpired);
}

}  // namespace
}  // namespace sallyport::auth
