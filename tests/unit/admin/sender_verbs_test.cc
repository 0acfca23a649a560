#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class SenderVerbs : public test::CommandFixture {
 protected:
  SenderVerbs() { done("account create", "Acme"); }
  Sender sender(const std::string& value) { return *commands->model().sender(value); }
};

TEST_F(SenderVerbs, WaitsUntilItIsVerified) {
  const auto added = done("sender add", "Example.COM", {{"account", {"Acme"}}});
  EXPECT_EQ(sender("example.com").status, Status::Waiting);
  EXPECT_EQ(sender("example.com").kind, SenderKind::Domain);
  EXPECT_NE(added.text.find("sallyport-verification=" + sender("example.com").token),
            std::string::npos);
  done("sender verify", "example.com", {{"vouch", {""}}});
  EXPECT_EQ(sender("example.com").status, Status::Active);
  done("sender disable", "example.com");
  EXPECT_EQ(sender("example.com").status, Status::Disabled);
  EXPECT_NE(done("sender show", "example.com").json.find("\"status\":\"disabled\""),
            std::string::npos);
  refused("sender add", "example.com", {{"account", {"Acme"}}},
          "the account has the sender \"example.com\" already");
}

TEST_F(SenderVerbs, Kinds) {
  done("sender add", "News@Example.com", {{"account", {"Acme"}}});
  EXPECT_EQ(sender("news@example.com").kind, SenderKind::Address);
  done("sender add", "ACME", {{"account", {"Acme"}}, {"sms", {""}}});
  EXPECT_EQ(sender("acme").kind, SenderKind::Sms);
  refused("sender verify", "ACME", {}, "only a domain can be verified by the DNS: give --vouch");
  struct Case {
    const char* value;
    bool sms;
    const char* error;
  };
  const Case cases[] = {
      {"not a domain", false, "\"not a domain\" is no domain"},
      {"a@b@c", false,
       "\"a@b@c\" is no email address: it has a character before the @ that is not allowed"},
      {"much too long a name", true,
       "\"much too long a name\" is no sender of SMS: up to 11 letters and digits, or a number "
       "with "
       "its country"},
  };
  for (const Case& one : cases) {
    std::map<std::string, std::vector<std::string>> options = {{"account", {"Acme"}}};
    if (one.sms) options["sms"] = {""};
    refused("sender add", one.value, options, one.error);
  }
}

TEST_F(SenderVerbs, DkimIsOfADomain) {
  done("sender add", "news@example.com", {{"account", {"Acme"}}});
  refused("sender dkim", "news@example.com", {}, "DKIM is of a domain");
  done("sender add", "example.com", {{"account", {"Acme"}}});
  refused("sender dkim", "example.com", {{"selector", {"A B"}}},
          "--selector must be 1 to 63 lower-case letters, digits and dashes");
  refused("sender dkim", "example.com", {{"kind", {"dsa"}}}, "--kind must be rsa or ed25519");
}

TEST_F(SenderVerbs, WhatAnAccountMaySend) {
  done("account set-sending", "Acme",
       {{"per-minute", {"10"}}, {"sms-prefix", {"+61", "+64"}}, {"retention-days", {"30"}}});
  const AccountId id = commands->model().account("Acme")->id;
  const SendingRules* rules = commands->model().sending_rules.find(id);
  ASSERT_NE(rules, nullptr);
  EXPECT_EQ(rules->per_minute, 10U);
  EXPECT_FALSE(rules->per_day);
  EXPECT_EQ(rules->sms_prefixes, (std::vector<std::string>{"+61", "+64"}));
  EXPECT_EQ(rules->retention_days, 30U);
  done("account set-sending", "Acme", {{"per-minute", {"unlimited"}}, {"sms-prefix", {"none"}}});
  rules = commands->model().sending_rules.find(id);
  EXPECT_FALSE(rules->per_minute);
  EXPECT_TRUE(rules->sms_prefixes.empty());
  EXPECT_EQ(rules->retention_days, 30U) << "what is not named stays";
  refused("account set-sending", "Acme", {{"per-day", {"many"}}},
          "--per-day must be a number or \"unlimited\", not \"many\"");
  refused("account set-sending", "Acme", {{"sms-prefix", {"61"}}},
          "--sms-prefix must be like +61, not \"61\"");
}

}  // namespace
}  // namespace sallyport::admin
