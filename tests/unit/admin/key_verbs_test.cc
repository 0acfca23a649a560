#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class KeyVerbs : public test::CommandFixture {
 protected:
  KeyVerbs() : subscription_(subscribe()) {}
  std::string make(Options options = {}) {
    options["subscription"] = {subscription_};
    return member(done("key create", "", options), "id");
  }
  const std::string subscription_;
};

TEST_F(KeyVerbs, TheKeyIsShownOnce) {
  const CommandReply made = done("key create", "", {{"subscription", {subscription_}}});
  EXPECT_NE(made.text.find("sp_live_THE_KEY"), std::string::npos);
  EXPECT_EQ(member(made, "key"), "sp_live_THE_KEY");
  const std::string id = member(made, "id");
  for (const CommandReply& reply : {done("key show", id), done("key list"), done("audit list")}) {
    EXPECT_EQ((reply.text + reply.json).find("THE_KEY"), std::string::npos);
  }
}

TEST_F(KeyVerbs, OptionsReachTheKey) {
  const std::string id = make({{"not-before", {"2027-01-01"}},
                               {"expires", {"2027-06-30T12:00:00Z"}},
                               {"network", {"192.0.2.0/24", "2001:db8::/32"}},
                               {"note", {"for the warehouse"}}});
  const ApiKey key = *commands->model().key(id);
  EXPECT_EQ(key.subscription.hex(), subscription_);
  EXPECT_EQ(key.not_before_us, 1'798'761'600'000'000);
  EXPECT_EQ(key.expires_us, 1'814'356'800'000'000);
  ASSERT_EQ(key.allowed_networks.size(), 2U);
  EXPECT_EQ(key.allowed_networks[0].text(), "192.0.2.0/24");
  EXPECT_EQ(key.note, "for the warehouse");
  EXPECT_EQ(key.status, Status::Active);
}

TEST_F(KeyVerbs, RefusalsArePrecise) {
  const struct {
    Options options;
    const char* error;
  } cases[] = {
      {{{"subscription", {"nothing"}}}, "there is no subscription \"nothing\""},
      {{{"expires", {"2020-01-01"}}}, "the expiry 2020-01-01T00:00:00Z is in the past"},
      {{{"expires", {"soon"}}},
       "--expires must be a time like 2027-01-31T12:00:00Z or a date like 2027-01-31, not "
       "\"soon\""},
      {{{"not-before", {"2028-01-01"}}, {"expires", {"2027-01-01"}}},
       "the key would expire at 2027-01-01T00:00:00Z, before it is valid at 2028-01-01T00:00:00Z"},
      {{{"network", {"192.0.2.1/24"}}},
       "\"192.0.2.1/24\" has host bits set; the network is 192.0.2.0/24"},
  };
  for (const auto& one : cases) {
    Options options = one.options;
    if (!options.contains("subscription")) options["subscription"] = {subscription_};
    refused("key create", "", options, one.error);
  }
  refused("key show", "nothing", {}, "there is no key \"nothing\"");
  done("subscription end", subscription_);
  refused("key create", "", {{"subscription", {subscription_}}},
          "subscription " + subscription_ + " is ended, and that is final");
}

TEST_F(KeyVerbs, AKeyAsArgumentIsNotRepeated) {
  refused("key show", "sp_live_0123456789AB_secretsecretsecretsecretsecret12abcdef", {},
          "there is no key of that name (it looks like an API key: name keys by id)");
}

TEST_F(KeyVerbs, AreNamedByTheDigitsInTheKeyToo) {
  const std::string id = make();
  EXPECT_EQ(done("key show", "000000000081").json, done("key show", id).json)
      << "0x101 in Crockford's digits";
}

TEST_F(KeyVerbs, AKeysLife) {
  const std::string id = make();
  done("key disable", id);
  refused("key disable", id, {}, "key " + id + " is disabled already");
  done("key enable", id);
  EXPECT_EQ(run("key revoke", id, {{"application", {"App"}}}).exit_code, kBadUsage);
  EXPECT_EQ(run("key update", id).exit_code, kBadUsage) << "nothing to change";
  done("key revoke", id);
  EXPECT_EQ(store.changes.back().events.front().kind, "key.revoked");
  EXPECT_EQ(store.changes.back().events.front().account, commands->model().account("Acme")->id);
  refused("key enable", id, {}, "key " + id + " is revoked, and that is final");
  refused("key disable", id, {}, "key " + id + " is revoked, and that is final");
}

TEST_F(KeyVerbs, LimitsMayOnlyLower) {
  done("plan update", "Gold", {{"rate", {"10"}}, {"quota", {"100"}}, {"quota-period", {"hour"}}});
  const std::string id = make({{"rate", {"5"}}, {"quota", {"50"}}});
  const ApiKey key = *commands->model().key(id);
  EXPECT_EQ(key.limits, (Limits{5, std::nullopt, 50, QuotaPeriod::Hour}));
  refused("key create", "", {{"subscription", {subscription_}}, {"rate", {"11"}}},
          "the key's rate is 11, above the subscription's, which is 10: a key may only lower it");
  done("key update", id, {{"rate", {"subscription"}}, {"note", {"quiet"}}});
  EXPECT_EQ(commands->model().key(id)->limits.rate_per_second, std::nullopt);
  EXPECT_EQ(commands->model().key(id)->limits.quota, 50U) << "what is not given stays";
  EXPECT_EQ(commands->model().key(id)->note, "quiet");
}

TEST_F(KeyVerbs, UpdateChangesWhatIsGiven) {
  const std::string id = make({{"network", {"192.0.2.0/24"}}, {"expires", {"2099-01-01"}}});
  done("key update", id, {{"network", {"198.51.100.0/24", "::1"}}});
  EXPECT_EQ(commands->model().key(id)->allowed_networks.size(), 2U);
  EXPECT_NE(commands->model().key(id)->expires_us, 0);
  done("key update", id, {{"network", {"everywhere"}}, {"expires", {"never"}}});
  EXPECT_TRUE(commands->model().key(id)->allowed_networks.empty());
  EXPECT_EQ(commands->model().key(id)->expires_us, 0);
  EXPECT_EQ(store.changes.back().events.front().kind, "key.updated");
  done("key revoke", id);
  refused("key update", id, {{"note", {"x"}}}, "key " + id + " is revoked, and that is final");
}

TEST_F(KeyVerbs, AWaitingKeyIsApproved) {
  const std::string id = make({{"waiting", {""}}});
  EXPECT_EQ(commands->model().key(id)->status, Status::Waiting);
  done("key approve", id);
  EXPECT_EQ(commands->model().key(id)->status, Status::Active);
  EXPECT_EQ(store.changes.back().events.front().kind, "key.approved");
  refused("key approve", id, {}, "key " + id + " is active already");
}

TEST_F(KeyVerbs, ThePlanSaysHowManyAndHowLong) {
  done("plan update", "Gold", {{"keys-per-application", {"1"}}, {"key-lifetime", {"30"}}});
  const std::string id = make();
  EXPECT_EQ(commands->model().key(id)->expires_us, clock.unix_us() + 30LL * 86'400'000'000);
  refused("key create", "", {{"subscription", {subscription_}}},
          "the application has 1 keys, and its plan allows 1");
  EXPECT_EQ(done("key rotate", id).exit_code, kDone) << "the overlap is not counted";
}

TEST_F(KeyVerbs, RotationMakesASecondKeyAndEndsTheFirstLater) {
  const std::string id = make({{"network", {"192.0.2.0/24"}}, {"note", {"shop"}}});
  const std::size_t before = store.changes.size();
  const CommandReply reply = done("key rotate", id, {{"overlap", {"36h"}}});
  EXPECT_EQ(store.changes.size(), before + 1) << "one transaction";
  EXPECT_EQ(member(reply, "key"), "sp_live_THE_KEY");
  const ApiKey old = *commands->model().key(id);
  const ApiKey fresh = *commands->model().key(member(reply, "id"));
  EXPECT_NE(old.id, fresh.id);
  EXPECT_EQ(old.status, Status::Active);
  EXPECT_EQ(old.expires_us, clock.unix_us() + 36LL * 3'600'000'000);
  EXPECT_EQ(fresh.expires_us, 0);
  EXPECT_EQ(fresh.allowed_networks, old.allowed_networks);
  EXPECT_EQ(fresh.note, "shop");
  ASSERT_EQ(store.changes.back().events.size(), 2U);
  EXPECT_EQ(store.changes.back().events[0].kind, "key.created");
  EXPECT_EQ(store.changes.back().events[1].kind, "key.rotated");
  EXPECT_EQ((reply.text + store.changes.back().audit.json).find("192.0.2.0/24\"]") == 0, false);
}

TEST_F(KeyVerbs, RotationKeepsTheLengthOfLifeAndCanEndAtOnce) {
  const std::string id = make({{"expires", {"2099-01-01"}}});
  const std::int64_t life = commands->model().key(id)->expires_us - clock.unix_us();
  const CommandReply reply = done("key rotate", id, {{"overlap", {"0s"}}});
  EXPECT_EQ(commands->model().key(id)->status, Status::Revoked);
  EXPECT_EQ(commands->model().key(member(reply, "id"))->expires_us, clock.unix_us() + life);
  refused("key rotate", id, {},
          "key " + id + " is revoked; only one that is active can be rotated");
  refused("key rotate", member(reply, "id"), {{"overlap", {"soon"}}},
          "--overlap must be a time like 30m, 24h or 7d, not \"soon\"");
}

TEST_F(KeyVerbs, ListsByItsSubscription) {
  const std::string id = make();
  EXPECT_NE(done("key list", "", {{"subscription", {subscription_}}}).json.find(id),
            std::string::npos);
  done("application create", "Second", {{"account", {"Acme"}}});
  done("subscription create", "", {{"application", {"Second"}}, {"plan", {"Gold"}}});
  EXPECT_EQ(done("key list", "", {{"subscription", {"Second"}}}).json, "[]");
  EXPECT_EQ(done("key list", "", {{"subscription", {"Second"}}}).text, "none\n");
}

}  // namespace
}  // namespace sallyport::admin
