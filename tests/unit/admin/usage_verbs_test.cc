#include "support/command_fixture.h"

namespace sallyport::test {
namespace {

using limit::UsageClass;

class UsageVerbs : public CommandFixture {
 protected:
  void SetUp() override {
    done("account create", "Acme");
    done("application create", "=App, \"one\"", {{"account", {"Acme"}}});
    done("plan create", "Gold", {{"open", {"messaging:*"}}});
    id = member(
        done("subscription create", "", {{"application", {"=App, \"one\""}}, {"plan", {"Gold"}}}),
        "id");
    const SubscriptionId subscription = *SubscriptionId::parse(id);
    const std::int64_t hour_us = clock.unix_us() / 3'600'000'000 * 3'600'000'000;
    usage = {{subscription, hour_us, "messaging", "messages.create", UsageClass::Successful,
              Reason::Ok, 30, 300},
             {subscription, hour_us, "messaging", "messages.create", UsageClass::Blocked,
              Reason::OverRate, 10, 20},
             {subscription, hour_us, "messaging", "messages.list", UsageClass::Shadow,
              Reason::OverQuota, 4, 0}};
  }
  std::string id;
};

TEST_F(UsageVerbs, CountsByWhatIsAsked) {
  const auto reply = done("usage", "", {{"by", {"operation"}}});
  EXPECT_EQ(reply.json,
            "[{\"operation\":\"messages.create\",\"requests\":40,\"successful\":30,"
            "\"blocked\":10,\"other\":0,\"shadow\":0,\"bytes\":320},"
            "{\"operation\":\"messages.list\",\"requests\":0,\"successful\":0,\"blocked\":0,"
            "\"other\":0,\"shadow\":4,\"bytes\":0}]");
  done("usage", "", {{"application", {"=App, \"one\""}}});
  EXPECT_EQ(asked_usage.subscriptions.size(), 1U);
}

TEST_F(UsageVerbs, WritesCsvThatASpreadsheetCannotRun) {
  const auto reply = done("usage", "", {{"by", {"application"}}, {"csv", {""}}});
  EXPECT_EQ(reply.text,
            "application,requests,successful,blocked,other,shadow,bytes\r\n"
            "\"'=App, \"\"one\"\"\",40,30,10,0,4,320\r\n");
}

TEST_F(UsageVerbs, DrawsBars) {
  const auto reply = done("usage", "", {{"by", {"operation"}}, {"chart", {""}}});
  EXPECT_NE(reply.text.find("\u2588\u2591"), std::string::npos) << reply.text;
  EXPECT_NE(reply.text.find(" 40\n"), std::string::npos);
}

TEST_F(UsageVerbs, RefusesAnUnknownGroup) {
  refused("usage", "", {{"by", {"colour"}}},
          "--by must be one of day, hour, account, application, subscription, api, operation, "
          "class, reason, not \"colour\"");
}

}  // namespace
}  // namespace sallyport::test
