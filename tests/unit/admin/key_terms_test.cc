#include "admin/key_terms.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

constexpr std::int64_t kDay_us = 86'400'000'000;

class KeyTermsTest : public test::CommandFixture {
 protected:
  KeyTerms terms() {
    return key_terms(commands->model(), *commands->model().subscription(subscription_));
  }
  const std::string subscription_ = subscribe();
};

TEST_F(KeyTermsTest, TheSubscriptionsOwnLimitsGoBeforeThePlans) {
  done("plan update", "Gold", {{"rate", {"10"}}, {"quota", {"100"}}, {"quota-period", {"hour"}}});
  EXPECT_EQ(terms().limits.rate_per_second, 10U);
  done("subscription set-limits", subscription_, {{"rate", {"20"}}});
  EXPECT_EQ(terms().limits.rate_per_second, 20U);
  EXPECT_EQ(terms().limits.quota, 100U);
  EXPECT_EQ(terms().limits.quota_period, QuotaPeriod::Hour);
  EXPECT_EQ(terms().account, commands->model().account("Acme")->id);
}

TEST_F(KeyTermsTest, AKeyMayOnlyLower) {
  done("plan update", "Gold", {{"rate", {"10"}}, {"quota", {"100"}}, {"quota-period", {"hour"}}});
  const KeyTerms held = terms();
  const auto problem = [&](Limits limits) { return limits_problem(limits, held); };
  EXPECT_EQ(problem({}), "");
  EXPECT_EQ(problem({10, std::nullopt, 100, QuotaPeriod::Hour}), "");
  EXPECT_EQ(problem({0, std::nullopt, 0, QuotaPeriod::Hour}), "") << "0 blocks";
  EXPECT_EQ(problem({std::nullopt, std::nullopt, 500, QuotaPeriod::Day}), "")
      << "of another period they cannot be compared; both are kept";
  EXPECT_EQ(problem({11, std::nullopt, std::nullopt, QuotaPeriod::Hour}),
            "the key's rate is 11, above the subscription's, which is 10: a key may only lower it");
  EXPECT_EQ(problem({std::nullopt, std::nullopt, 101, QuotaPeriod::Hour}),
            "the key's quota is 101, above the subscription's, which is 100: a key may only lower "
            "it");
  EXPECT_EQ(problem({5, 4, std::nullopt, QuotaPeriod::Day}),
            "the burst is 4, below the rate, which is 5 per second");
}

TEST_F(KeyTermsTest, ThePlansLifetimeIsTheLongest) {
  done("plan update", "Gold", {{"key-lifetime", {"30"}}});
  ApiKey key;
  EXPECT_EQ(settle_validity(key, terms(), 1'000), "");
  EXPECT_EQ(key.expires_us, 1'000 + 30 * kDay_us);
  key.expires_us = 5 * kDay_us;
  EXPECT_EQ(settle_validity(key, terms(), 1'000), "");
  EXPECT_EQ(key.expires_us, 5 * kDay_us) << "shorter is fine";
  key.expires_us = 31 * kDay_us;
  EXPECT_EQ(settle_validity(key, terms(), 1'000),
            "the expiry 1970-02-01T00:00:00Z is after 1970-01-31T00:00:00Z: the plan lets a key "
            "live for 30 days");
}

TEST_F(KeyTermsTest, OnlyKeysThatMayWorkAreCounted) {
  done("plan update", "Gold", {{"keys-per-application", {"2"}}});
  const auto make = [&] {
    return member(done("key create", "", {{"subscription", {subscription_}}}), "id");
  };
  const std::string first = make();
  EXPECT_EQ(keys_in_use(commands->model(), terms(), clock.unix_us()), 1U);
  EXPECT_EQ(too_many_problem(terms(), 1), "");
  make();
  EXPECT_EQ(too_many_problem(terms(), 2), "the application has 2 keys, and its plan allows 2");
  done("key revoke", first);
  EXPECT_EQ(keys_in_use(commands->model(), terms(), clock.unix_us()), 1U);
}

}  // namespace
}  // namespace sallyport::admin
