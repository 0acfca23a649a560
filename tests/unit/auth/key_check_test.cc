#include "auth/key_check.h"

#include <gtest/gtest.h>

#include "auth/api_key.h"
#include "base/crypto.h"

namespace sallyport::auth {
namespace {

constexpr std::int64_t kNow = 1'000'000'000;

struct World {
  Account account;
  Application application;
  Plan plan;
  Subscription subscription;
  ApiKey key;
  std::string client = "192.0.2.1";

  World() {
    account.id = AccountId{1};
    application.id = ApplicationId{2};
    application.account = account.id;
    plan.id = PlanId{3};
    subscription.id = SubscriptionId{4};
    subscription.application = application.id;
    subscription.plan = plan.id;
    key.id = KeyId{5};
    key.subscription = subscription.id;
    key.digest = sha256("0123456789abcdef");
  }
  Reason check(std::string_view text = "0123456789abcdef") const {
    ImmediateReclaimer reclaimer;
    Directory directory(reclaimer);
    directory.apply({{account, application, plan, subscription, key}, {}, {}, {}});
    return check_key(directory, text, *IpAddress::parse(client), kNow).reason;
  }
};

TEST(KeyCheck, EachCauseHasItsReason) {
  const struct {
    Reason reason;
    void (*change)(World&);
  } rows[] = {
      {Reason::Ok, [](World&) {}},
      {Reason::KeyWaiting, [](World& w) { w.key.status = Status::Waiting; }},
      {Reason::KeyUnclaimed, [](World& w) { w.key.status = Status::Unclaimed; }},
      {Reason::KeyDisabled, [](World& w) { w.key.status = Status::Disabled; }},
      {Reason::KeyRevoked, [](World& w) { w.key.status = Status::Revoked; }},
      {Reason::KeyNotYetValid, [](World& w) { w.key.not_before_us = kNow + 1; }},
      {Reason::Ok, [](World& w) { w.key.not_before_us = kNow; }},
      {Reason::KeyExpired, [](World& w) { w.key.expires_us = kNow; }},
      {Reason::Ok, [](World& w) { w.key.expires_us = kNow + 1; }},
      {Reason::KeyNetwork,
       [](World& w) { w.key.allowed_networks = {*Network::parse("10.0.0.0/8")}; }},
      {Reason::Ok, [](World& w) { w.key.allowed_networks = {*Network::parse("192.0.2.0/24")}; }},
      {Reason::KeyEnvironment, [](World& w) { w.key.environment = Environment::Test; }},
      {Reason::SubscriptionWaiting, [](World& w) { w.subscription.status = Status::Waiting; }},
      {Reason::SubscriptionSuspended, [](World& w) { w.subscription.status = Status::Suspended; }},
      {Reason::SubscriptionEnded, [](World& w) { w.subscription.status = Status::Ended; }},
      {Reason::SubscriptionEnded, [](World& w) { w.subscription.ends_us = kNow; }},
      {Reason::SubscriptionEnded, [](World& w) { w.subscription.starts_us = kNow + 1; }},
      {Reason::SubscriptionEnded, [](World& w) { w.key.subscription = SubscriptionId{99}; }},
      {Reason::ApplicationDisabled, [](World& w) { w.application.status = Status::Disabled; }},
      {Reason::ApplicationDisabled,
       [](World& w) { w.subscription.application = ApplicationId{99}; }},
      {Reason::AccountSuspended, [](World& w) { w.account.status = Status::Suspended; }},
      {Reason::AccountSuspended, [](World& w) { w.application.account = AccountId{99}; }},
      {Reason::PlanInactive, [](World& w) { w.plan.status = Status::Inactive; }},
      {Reason::PlanInactive, [](World& w) { w.subscription.plan = PlanId{99}; }},
  };
  for (const auto& row : rows) {
    World world;
    row.change(world);
    EXPECT_EQ(to_string(world.check()), to_string(row.reason));
  }
}

TEST(KeyCheck, WhatIsNoKeyOfOurs) {
  const World world;
  EXPECT_EQ(world.check(""), Reason::KeyMissing);
  EXPECT_EQ(world.check("fedcba9876543210"), Reason::KeyUnknown);
  EXPECT_EQ(world.check("sp_live_0123456789AB_wrong"), Reason::KeyMalformed);
  EXPECT_EQ(world.check(std::string(300, 'x')), Reason::KeyUnknown);
  EXPECT_EQ(world.check("0123456789abcdeF"), Reason::KeyUnknown) << "keys have a case";
}

TEST(KeyCheck, TheFirstOfSeveralCausesIsNamed) {
  World world;
  world.key.status = Status::Revoked;
  world.account.status = Status::Suspended;
  EXPECT_EQ(world.check(), Reason::KeyRevoked);
}

TEST(KeyCheck, ARefusedKeyStillTellsWhoseItIs) {
  World world;
  world.key.status = Status::Disabled;
  ImmediateReclaimer reclaimer;
  Directory directory(reclaimer);
  directory.apply(
      {{world.account, world.application, world.plan, world.subscription, world.key}, {}, {}, {}});
  const KeyCheck check = check_key(directory, "0123456789abcdef", {}, kNow);
  EXPECT_EQ(check.reason, Reason::KeyDisabled);
  ASSERT_NE(check.account, nullptr);
  EXPECT_EQ(check.account->id, AccountId{1});
  EXPECT_EQ(check.application->id, ApplicationId{2});
}

// Nothing on the chain is copied into the key: a change anywhere on it is in force at once.
TEST(KeyCheck, AChangeOnTheChainIsInForce) {
  World world;
  ImmediateReclaimer reclaimer;
  Directory directory(reclaimer);
  directory.apply(
      {{world.account, world.application, world.plan, world.subscription, world.key}, {}, {}, {}});
  auto now = [&] { return check_key(directory, "0123456789abcdef", {}, kNow).reason; };
  EXPECT_EQ(now(), Reason::Ok);
  world.account.status = Status::Suspended;
  directory.apply({{world.account}, {}, {}, {}});
  EXPECT_EQ(now(), Reason::AccountSuspended);
  world.account.status = Status::Active;
  directory.apply({{world.account}, {world.subscription}, {}, {}});
  EXPECT_EQ(now(), Reason::SubscriptionEnded);
  directory.apply({{world.subscription}, {world.plan}, {}, {}});
  EXPECT_EQ(now(), Reason::PlanInactive);
}

}  // namespace
}  // namespace sallyport::auth
