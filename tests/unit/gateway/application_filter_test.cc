#include "gateway/application_filter.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class ApplicationFilterTest : public DoorsFixture {
 protected:
  Reason with_keys(std::vector<std::string> headers, const std::string& query,
                   std::string host = "api.test") {
    Sent sent;
    sent.host = std::move(host);
    if (!query.empty()) sent.target += "?" + query;
    for (auto& header : headers) sent.fields.emplace_back("x-api-key", header);
    sent.fields.emplace_back("authorization", basic("john.smith", kPassword));
    return reason(sent);
  }
};

TEST_F(ApplicationFilterTest, WhereAKeyMayStand) {
  const std::string& k = key_;
  EXPECT_EQ(with_keys({k}, ""), Reason::Ok);
  EXPECT_FALSE(context_.key_in_query);
  EXPECT_EQ(with_keys({}, "apikey=" + k), Reason::Ok);
  EXPECT_TRUE(context_.key_in_query);
  EXPECT_EQ(with_keys({}, "a=b&ApiKey=" + k), Reason::Ok) << "the name in any case";
  EXPECT_EQ(with_keys({}, "%61pikey=" + k), Reason::Ok) << "and decoded";
  EXPECT_EQ(with_keys({k}, "apikey=" + k), Reason::Ok) << "twice the same, in two places";
  EXPECT_TRUE(context_.key_in_query);
  EXPECT_EQ(with_keys({""}, "apikey=" + k), Reason::Ok) << "an empty one is none";
  EXPECT_EQ(with_keys({k}, "apikey="), Reason::Ok);
  EXPECT_FALSE(context_.key_in_query);
}

TEST_F(ApplicationFilterTest, SeveralPlacesOfTheConfiguration) {
  const auto with = [&](std::vector<std::pair<std::string, std::string>> fields) {
    Sent sent;
    sent.host = "modern.test";
    sent.fields = std::move(fields);
    sent.fields.emplace_back("authorization", basic("john.smith", kPassword));
    return reason(sent);
  };
  EXPECT_EQ(with({{"x-programme-key", key_}}), Reason::Ok);
  EXPECT_EQ(with({{"x-api-key", key_}, {"x-programme-key", key_}}), Reason::Ok);
  EXPECT_EQ(with({{"x-api-key", key_}, {"x-programme-key", "other"}}), Reason::KeyAmbiguous);
  EXPECT_EQ(with({{"x-programme-key", key_}, {"x-programme-key", key_}}), Reason::KeyAmbiguous);
  EXPECT_EQ(with({{"x-other-key", key_}}), Reason::KeyMissing);
}

TEST_F(ApplicationFilterTest, AHostOfOneEnvironment) {
  Sent sent = good();
  sent.host = "sandbox.test";
  EXPECT_EQ(reason(sent), Reason::KeyEnvironment) << "a live key";
  sent.host = "modern.test";
  EXPECT_EQ(reason(sent), Reason::Ok);
}

TEST_F(ApplicationFilterTest, MissingAndAmbiguous) {
  const std::string& k = key_;
  EXPECT_EQ(with_keys({}, ""), Reason::KeyMissing);
  EXPECT_EQ(with_keys({""}, ""), Reason::KeyMissing);
  EXPECT_EQ(with_keys({}, "apikey="), Reason::KeyMissing);
  EXPECT_EQ(with_keys({}, "apikey"), Reason::KeyMissing);
  EXPECT_EQ(with_keys({k}, "apikey=other"), Reason::KeyAmbiguous) << "different";
  EXPECT_EQ(with_keys({k, k}, ""), Reason::KeyAmbiguous) << "twice in one place, the same";
  EXPECT_EQ(with_keys({k, "other"}, ""), Reason::KeyAmbiguous);
  EXPECT_EQ(with_keys({}, "apikey=" + k + "&apikey=" + k), Reason::KeyAmbiguous);
  EXPECT_EQ(with_keys({}, "apikey=" + k + "&%41PIKEY="), Reason::KeyAmbiguous);
  std::string many = "apikey=" + k;
  for (int i = 0; i < 1000; ++i) many += "&p" + std::to_string(i) + "=1";
  EXPECT_EQ(with_keys({}, many), Reason::Ok) << "others do not matter";
}

TEST_F(ApplicationFilterTest, ModernLooksInTheHeaderOnly) {
  EXPECT_EQ(with_keys({}, "apikey=" + key_, "modern.test"), Reason::KeyMissing);
  EXPECT_EQ(with_keys({key_}, "apikey=whatever", "modern.test"), Reason::Ok);
}

TEST_F(ApplicationFilterTest, AbsentMalformedWrongRightForbiddenOversize) {
  std::string mistyped = key_;
  mistyped.back() = mistyped.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(with_keys({mistyped}, ""), Reason::KeyMalformed);
  EXPECT_EQ(with_keys({"0123456789abcdef"}, ""), Reason::KeyUnknown);
  EXPECT_EQ(with_keys({std::string(5000, 'k')}, ""), Reason::KeyUnknown);
  EXPECT_EQ(with_keys({"k\xFF"}, ""), Reason::KeyUnknown);
  EXPECT_EQ(with_keys({add_key(Status::Revoked)}, ""), Reason::KeyRevoked);
  EXPECT_EQ(with_keys({key_ + " "}, ""), Reason::KeyMalformed) << "nothing is trimmed for you";
  EXPECT_EQ(with_keys({key_}, ""), Reason::Ok);
}

TEST_F(ApplicationFilterTest, ThePlanOpensOnlyWhatItSays) {
  plan_.opens = {{{"messaging", "messages.list", {}, ""}, {}}};
  put(plan_);
  EXPECT_EQ(reason(good()), Reason::Ok);
  EXPECT_EQ(reason(good(http::Method::Post)), Reason::NotOpenedByPlan);
  Sent modern = good();
  modern.host = "modern.test";
  EXPECT_EQ(reason(modern), Reason::NotOpenedByPlan) << "another API";
}

TEST_F(ApplicationFilterTest, WhichLimitHolds) {
  plan_.limits = {10, 20, 100, QuotaPeriod::Day};
  plan_.opens.insert(plan_.opens.begin(),
                     {{"messaging", "messages.create", {}, ""}, {3, {}, {}, QuotaPeriod::Day}});
  put(plan_);
  ASSERT_EQ(reason(good()), Reason::Ok);
  ASSERT_EQ(context_.rule_count, 1U);
  plan_.limits.quota_zone =
      context_.rules[0].limits.quota_zone;  // the account's, as none was given
  EXPECT_EQ(context_.rules[0].limits, plan_.limits) << "the plan's";
  ASSERT_EQ(reason(good(http::Method::Post)), Reason::Ok);
  ASSERT_EQ(context_.rule_count, 2U);
  EXPECT_EQ(context_.rules[0].limits.rate_per_second, 3U) << "the operation's own";
  EXPECT_FALSE(context_.rules[1].limits.rate_per_second) << "instead of the plan's";
  EXPECT_EQ(context_.rules[1].limits.quota, 100U) << "whose quota holds on";

  Subscription subscription;
  subscription.id = kSubscription;
  subscription.application = kApplication;
  subscription.plan = kPlan;
  subscription.overrides.rate_per_second = 50;
  put(subscription);
  ASSERT_EQ(reason(good()), Reason::Ok);
  EXPECT_EQ(context_.rules[0].limits.rate_per_second, 50U) << "the subscription's override";
  EXPECT_FALSE(context_.rules[0].limits.burst) << "with its own burst, not the plan's";
  EXPECT_EQ(context_.rules[0].limits.quota, 100U);

  key_ = add_key(Status::Active, [](ApiKey& key) { key.limits.rate_per_second = 2; });
  ASSERT_EQ(reason(good()), Reason::Ok);
  ASSERT_EQ(context_.rule_count, 2U);
  EXPECT_EQ(context_.rules[1].limits.rate_per_second, 2U) << "a key may lower it";
}

TEST_F(ApplicationFilterTest, ALimitWithoutItsCellIsClosed) {
  Subscription subscription;
  subscription.id = SubscriptionId{0x77};
  subscription.application = kApplication;
  subscription.plan = kPlan;
  directory_.apply({{subscription}, {}, {}, {}});  // the thresholds are not told
  set_limits({5, {}, {}, QuotaPeriod::Day});
  key_ = add_key(Status::Active, [&](ApiKey& key) { key.subscription = subscription.id; });
  EXPECT_EQ(reason(good()), Reason::StoreAway);
}

}  // namespace
}  // namespace sallyport::gateway
