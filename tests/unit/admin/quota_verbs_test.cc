#include "support/command_fixture.h"

namespace sallyport::test {
namespace {

using admin::kDone;

class QuotaVerbs : public CommandFixture {
 protected:
  void SetUp() override {
    done("account create", "Acme", {{"time-zone", {"Asia/Tokyo"}}});
    done("application create", "App", {{"account", {"Acme"}}});
    done("plan create", "Gold",
         {{"open", {"messaging:messages.create quota=5/hour", "messaging:*"}}, {"quota", {"100"}}});
    id = member(done("subscription create", "", {{"application", {"App"}}, {"plan", {"Gold"}}}),
                "id");
    look.end_us = 86'400'000'000;
    look.used = 40;
    look.zone = *find_zone("Asia/Tokyo");
  }
  std::string id;
};

TEST_F(QuotaVerbs, ShowsEveryQuotaOfTheSubscription) {
  const auto reply = done("quota show", id);
  EXPECT_NE(reply.json.find("\"of\":\"subscription\""), std::string::npos) << reply.json;
  EXPECT_NE(reply.json.find("\"of\":\"messaging/messages.create\""), std::string::npos);
  EXPECT_NE(reply.json.find("\"left\":60,"), std::string::npos);
  EXPECT_NE(reply.json.find("+09:00"), std::string::npos);
  EXPECT_EQ(asked_zone, "Asia/Tokyo") << "the account's";
}

TEST_F(QuotaVerbs, GrantsAndResetsWithAnAuditRow) {
  done("quota grant", id, {{"amount", {"7"}}});
  const Change granted = store.changes.back();
  ASSERT_EQ(granted.quotas.size(), 1U);
  EXPECT_EQ(granted.quotas[0].granted, 7U);
  EXPECT_FALSE(granted.quotas[0].reset);
  EXPECT_EQ(granted.audit.action, "quota.grant");
  EXPECT_EQ(granted.audit.subject, "subscription " + id);
  EXPECT_EQ(granted.events.at(0).kind, "quota.granted");
  done("quota reset", id, {{"operation", {"messaging/messages.create"}}});
  const Change reset = store.changes.back();
  EXPECT_TRUE(reset.quotas.at(0).reset);
  EXPECT_EQ(reset.quotas[0].scope, "messaging/messages.create");
  EXPECT_EQ(reset.quotas[0].epoch, 1U);
}

TEST_F(QuotaVerbs, RefusesWhatIsNotThere) {
  refused("quota grant", id, {{"amount", {"0"}}},
          "--amount must be a number from 1 to 1000000000000000, not \"0\"");
  refused(
      "quota reset", id, {{"operation", {"messaging/other"}}},
      "subscription " + id + " has no such quota; it has: subscription, messaging/messages.create");
}

}  // namespace
}  // namespace sallyport::test
