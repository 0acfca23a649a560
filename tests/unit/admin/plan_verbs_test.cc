#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class PlanVerbs : public test::CommandFixture {};

TEST_F(PlanVerbs, APlanKeepsItsLimits) {
  done("plan create", "Gold",
       {{"rate", {"10"}},
        {"burst", {"20"}},
        {"quota", {"1000"}},
        {"quota-period", {"month"}},
        {"open", {"messaging:messages.list", "messaging GET,POST /x/**"}}});
  const Plan plan = *commands->model().plan("Gold");
  EXPECT_EQ(plan.limits.rate_per_second, 10U);
  EXPECT_EQ(plan.limits.burst, 20U);
  EXPECT_EQ(plan.limits.quota, 1000U);
  EXPECT_EQ(plan.limits.quota_period, QuotaPeriod::Month);
  ASSERT_EQ(plan.opens.size(), 2U);
  EXPECT_EQ(plan.opens[0].match, (Match{"messaging", "messages.list", {}, ""}));
  EXPECT_EQ(plan.opens[1].match, (Match{"messaging", "", {"GET", "POST"}, "/x/**"}));
}

TEST_F(PlanVerbs, ItsTerms) {
  done("plan create", "Terms",
       {{"concurrency", {"20"}},
        {"keys-per-application", {"3"}},
        {"key-lifetime", {"90"}},
        {"needs-review", {""}}});
  Plan plan = *commands->model().plan("Terms");
  EXPECT_EQ(plan.limits.concurrency, 20U);
  EXPECT_EQ(plan.keys_per_application, 3U);
  EXPECT_EQ(plan.key_lifetime_days, 90U);
  EXPECT_TRUE(plan.needs_review);
  done("plan update", "Terms", {{"concurrency", {"unlimited"}}});
  EXPECT_TRUE(commands->model().plan("Terms")->needs_review) << "what is not given stays";
  done("plan update", "Terms", {{"no-review", {""}}});
  plan = *commands->model().plan("Terms");
  EXPECT_EQ(plan.limits.concurrency, std::nullopt);
  EXPECT_FALSE(plan.needs_review);
  EXPECT_EQ(run("plan update", "Terms", {{"no-review", {""}}, {"needs-review", {""}}}).exit_code,
            kBadUsage);
}

TEST_F(PlanVerbs, WhatNeedsAReviewWaitsWithItsKeys) {
  done("account create", "Acme");
  done("application create", "App", {{"account", {"Acme"}}});
  done("plan create", "Checked", {{"needs-review", {""}}});
  const Options options = {{"application", {"App"}}, {"plan", {"Checked"}}};
  const std::string id = member(done("subscription create", "", options), "id");
  EXPECT_EQ(commands->model().subscription(id)->status, Status::Waiting);
  ASSERT_EQ(store.changes.back().events.size(), 2U);
  EXPECT_EQ(store.changes.back().events[0].kind, "subscription.created");
  EXPECT_EQ(store.changes.back().events[1].kind, "subscription.waiting");
  const std::string key = member(done("key create", "", {{"subscription", {id}}}), "id");
  EXPECT_EQ(commands->model().key(key)->status, Status::Waiting);
  done("subscription approve", id);
  EXPECT_EQ(commands->model().subscription(id)->status, Status::Active);
  EXPECT_EQ(commands->model().subscription(id)->approved_by, "uid 7");
  EXPECT_EQ(commands->model().key(key)->status, Status::Active) << "one review for both";
  refused("subscription approve", id, {}, "subscription " + id + " is active already");
  Options approved = options;
  approved["approved"] = {""};
  const std::string second = member(done("subscription create", "", approved), "id");
  EXPECT_EQ(commands->model().subscription(second)->status, Status::Active);
}

TEST_F(PlanVerbs, ASubscriptionMayHaveLimitsAndTimesFromTheStart) {
  done("account create", "Acme");
  done("application create", "App", {{"account", {"Acme"}}});
  done("plan create", "Gold", {{"quota", {"10"}}, {"quota-period", {"hour"}}});
  const Options base = {{"application", {"App"}}, {"plan", {"Gold"}}};
  Options options = base;
  options.insert(
      {{"rate", {"7"}}, {"quota", {"70"}}, {"starts", {"2027-01-01"}}, {"ends", {"2028-01-01"}}});
  const std::string id = member(done("subscription create", "", options), "id");
  const Subscription made = *commands->model().subscription(id);
  EXPECT_EQ(made.overrides, (Limits{7, std::nullopt, 70, QuotaPeriod::Hour}));
  EXPECT_EQ(made.ends_us - made.starts_us, 365LL * 86'400'000'000);
  options = base;
  options["ends"] = {"2001-01-01"};
  refused("subscription create", "", options,
          "the subscription would end at 2001-01-01T00:00:00Z, before it is of use");
}

TEST_F(PlanVerbs, WithoutLimitsItIsUnlimitedAndOpensNothing) {
  done("plan create", "Bare");
  const Plan plan = *commands->model().plan("Bare");
  EXPECT_EQ(plan.limits, Limits{});
  EXPECT_TRUE(plan.opens.empty());
  EXPECT_EQ(plan.status, Status::Active);
}

TEST_F(PlanVerbs, RefusalsArePrecise) {
  done("plan create", "Gold", {{"rate", {"10"}}});
  const struct {
    Options options;
    const char* error;
  } cases[] = {
      {{{"rate", {"10"}}, {"burst", {"5"}}},
       "the burst is 5, below the rate, which is 10 per second"},
      {{{"burst", {"5"}}}, "a burst needs a rate: give --rate too"},
      {{{"rate", {"-1"}}},
       "--rate must be a number from 0 to 100000000, or \"unlimited\", not \"-1\""},
      {{{"rate", {"fast"}}},
       "--rate must be a number from 0 to 100000000, or \"unlimited\", not \"fast\""},
      {{{"quota", {"1e9"}}},
       "--quota must be a number from 0 to 1000000000000000, or \"unlimited\", not \"1e9\""},
      {{{"quota-period", {"week"}}},
       "--quota-period must be minute, hour, day or month, not \"week\""},
      {{{"open", {"mesaging:*"}}},
       "there is no API \"mesaging\" in the configuration; there are: *, messaging"},
      {{{"open", {"messaging:messages.creat"}}},
       "there is no operation \"messages.creat\"; there are: *, messages.create, messages.list"},
      {{{"open", {"messaging:"}}},
       "there is no operation \"\"; there are: *, messages.create, messages.list"},
      {{{"open", {"messaging get /x"}}},
       "there is no method \"get\"; there are: *, GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"},
      {{{"open", {"messaging GET x"}}}, "the pattern can never match"},
      {{{"open", {"messaging GET"}}},
       "\"messaging GET\" must be \"API:OPERATION\", or \"API METHODS PATTERN\" with methods like "
       "GET,POST"},
  };
  for (const auto& one : cases) refused("plan create", "New", one.options, one.error);
  refused("plan create", "Gold", {}, "a plan is named \"Gold\" already");
  refused("plan update", "Gold", {{"burst", {"5"}}},
          "the burst is 5, below the rate, which is 10 per second");
  refused("plan show", "Silver", {}, "there is no plan \"Silver\"");
}

TEST_F(PlanVerbs, AnUpdateChangesWhatItNames) {
  done("plan create", "Gold", {{"rate", {"10"}}, {"quota", {"5"}}, {"open", {"messaging:*"}}});
  done("plan update", "Gold", {{"rate", {"unlimited"}}, {"rename", {"Platinum"}}});
  const Plan plan = *commands->model().plan("Platinum");
  EXPECT_EQ(plan.limits.rate_per_second, std::nullopt);
  EXPECT_EQ(plan.limits.quota, 5U);
  EXPECT_EQ(plan.opens.size(), 1U);
  done("plan deactivate", "Platinum");
  refused("plan deactivate", "Platinum", {}, "plan \"Platinum\" is inactive already");
  done("plan activate", "Platinum");
}

TEST_F(PlanVerbs, SubscriptionsRefuseWhatIsUnknown) {
  subscribe();
  refused("subscription create", "", {{"application", {"x"}}, {"plan", {"Gold"}}},
          "there is no application \"x\"");
  refused("subscription create", "", {{"application", {"App"}}, {"plan", {"y"}}},
          "there is no plan \"y\"");
  refused("subscription create", "",
          {{"application", {"App"}}, {"plan", {"Gold"}}, {"environment", {"prod"}}},
          "--environment must be live or test, not \"prod\"");
}

TEST_F(PlanVerbs, ASubscriptionsLife) {
  const std::string id = subscribe();
  EXPECT_EQ(done("subscription show", "App").json, done("subscription show", id).json)
      << "named by an application that has only one";
  done("subscription suspend", id);
  done("subscription activate", id);
  refused("subscription activate", id, {}, "subscription " + id + " is active already");
  done("plan create", "Silver");
  done("subscription change-plan", id, {{"plan", {"Silver"}}});
  refused("subscription change-plan", id, {{"plan", {"Silver"}}},
          "subscription " + id + " has the plan \"Silver\" already");
  done("subscription end", id);
  EXPECT_EQ(commands->model().subscription(id)->ends_us, clock.unix_us());
  refused("subscription activate", id, {}, "subscription " + id + " is ended, and that is final");
  refused("subscription change-plan", id, {{"plan", {"Gold"}}},
          "subscription " + id + " is ended, and that is final");
  refused("subscription set-limits", id, {{"rate", {"1"}}},
          "subscription " + id + " is ended, and that is final");
}

TEST_F(PlanVerbs, LimitsOfASubscription) {
  done("account create", "Acme");
  done("application create", "App", {{"account", {"Acme"}}});
  done("plan create", "Gold", {{"quota", {"1000"}}, {"quota-period", {"month"}}});
  done("subscription create", "", {{"application", {"App"}}, {"plan", {"Gold"}}});
  done("subscription set-limits", "App", {{"rate", {"5"}}, {"quota", {"10"}}});
  Limits limits = commands->model().subscription("App")->overrides;
  EXPECT_EQ(limits.rate_per_second, 5U);
  EXPECT_EQ(limits.quota, 10U);
  EXPECT_EQ(limits.quota_period, QuotaPeriod::Month) << "the plan's, unless told otherwise";
  done("subscription set-limits", "App", {{"rate", {"plan"}}});
  limits = commands->model().subscription("App")->overrides;
  EXPECT_EQ(limits.rate_per_second, std::nullopt);
  EXPECT_EQ(run("subscription set-limits", "App").exit_code, kBadUsage);
}

TEST_F(PlanVerbs, AnApplicationWithSeveralSubscriptionsNamesNone) {
  subscribe();
  done("subscription create", "",
       {{"application", {"App"}}, {"plan", {"Gold"}}, {"environment", {"test"}}});
  refused("subscription show", "App", {},
          "the application \"App\" has 2 subscriptions: name one by its id");
}

TEST_F(PlanVerbs, ALifetimeOfNoDaysIsNoLifetime) {
  refused("plan create", "None", {{"key-lifetime", {"0"}}},
          "--key-lifetime must be 1 day or more, or \"unlimited\": a key needs time to live");
}

}  // namespace
}  // namespace sallyport::admin
