#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class AccountVerbs : public test::CommandFixture {};

TEST_F(AccountVerbs, AnAccountComesWithItsDefaultWorkspace) {
  const std::string id =
      member(done("account create", "Acme", {{"time-zone", {"Europe/Rome"}}}), "id");
  EXPECT_EQ(done("account show", "Acme").json, done("account show", id).json);
  EXPECT_EQ(member(done("account show", "Acme"), "time_zone"), "Europe/Rome");
  const auto workspaces = commands->model().workspaces.all();
  ASSERT_EQ(workspaces.size(), 1U);
  EXPECT_TRUE(workspaces.front()->is_default);
  EXPECT_EQ(workspaces.front()->account.hex(), id);
}

TEST_F(AccountVerbs, RefusalsOfAccountsArePrecise) {
  done("account create", "Acme");
  refused("account create", "Acme", {}, "an account is named \"Acme\" already");
  refused("account create", "Other", {{"time-zone", {"Mars/Base"}}},
          "\"Mars/Base\" is no time zone; they are named like Europe/Rome");
  refused("account create", " x", {}, "the account's name must not begin or end with a blank");
  refused("account create", "a\nb", {},
          "the account's name must be UTF-8 without control characters");
  refused("account create", "0123456789ABCDEF", {},
          "the account's name \"0123456789ABCDEF\" looks like an id, so nobody could tell them "
          "apart");
  refused("account create", std::string(101, 'x'), {},
          "the account's name has 101 characters, more than 100");
  refused("account show", "Nobody", {}, "there is no account \"Nobody\"");
  refused("account show", "0123456789ABCDEF", {},
          "there is no account with the id 0123456789ABCDEF");
  refused("account activate", "Acme", {}, "account \"Acme\" is active already");
}

TEST_F(AccountVerbs, AnAccountIsSuspendedAndActivated) {
  done("account create", "Acme");
  EXPECT_EQ(member(done("account suspend", "Acme"), "status"), "suspended");
  refused("account suspend", "Acme", {}, "account \"Acme\" is suspended already");
  EXPECT_EQ(member(done("account activate", "Acme"), "status"), "active");
  EXPECT_EQ(store.changes.back().events.front().kind, "account.activated");
}

TEST_F(AccountVerbs, Developers) {
  done("account create", "Acme");
  done("developer create", "ann@example.com", {{"name", {"Ann"}}, {"account", {"Acme"}}});
  EXPECT_EQ(member(done("developer show", "ANN@example.com"), "display_name"), "Ann");
  refused("developer create", "Ann@Example.com", {},
          "a developer has the email \"Ann@Example.com\" already");
  refused("developer create", "ann", {}, "\"ann\" is no email address");
  refused("developer create", "bob@example.com", {{"account", {"Nobody"}}},
          "there is no account \"Nobody\"");
  done("developer disable", "ann@example.com");
  refused("developer disable", "ann@example.com", {},
          "developer \"ann@example.com\" is disabled already");
  done("developer activate", "ann@example.com");
  EXPECT_NE(done("developer list").text.find("ann@example.com"), std::string::npos);
}

TEST_F(AccountVerbs, Workspaces) {
  done("account create", "Acme");
  done("account create", "Other");
  done("workspace create", "Sales",
       {{"account", {"Acme"}}, {"number", {"17"}}, {"billing", {"CC-1"}}});
  refused("workspace create", "Sales", {{"account", {"Acme"}}},
          "a workspace of the account is named \"Sales\" already");
  done("workspace create", "Sales", {{"account", {"Other"}}});
  const auto ambiguous = run("workspace show", "Sales");
  EXPECT_EQ(ambiguous.exit_code, kRefused);
  EXPECT_EQ(ambiguous.error.find("2 of workspaces are named \"Sales\": give the id ("), 0U)
      << ambiguous.error;
  EXPECT_EQ(member(done("workspace show", "Sales", {{"account", {"Acme"}}}), "number"), "17");
  done("workspace disable", "Sales", {{"account", {"Acme"}}});
  done("workspace enable", "Sales", {{"account", {"Acme"}}});
  refused("workspace disable", "My Company", {{"account", {"Acme"}}},
          "workspace \"My Company\" is the default one of its account and stays");
  EXPECT_EQ(done("workspace list", "", {{"account", {"Other"}}}).text.find("17"),
            std::string::npos);
}

}  // namespace
}  // namespace sallyport::admin
