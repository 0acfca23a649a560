#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class ApplicationVerbs : public test::CommandFixture {};

TEST_F(ApplicationVerbs, NamesAreUniqueWithinAnAccount) {
  done("account create", "Acme");
  done("account create", "Other");
  done("application create", "App", {{"account", {"Acme"}}, {"description", {"For sales"}}});
  refused("application create", "App", {{"account", {"Acme"}}},
          "an application of the account is named \"App\" already");
  done("application create", "App", {{"account", {"Other"}}});
  EXPECT_EQ(run("application show", "App").exit_code, kRefused) << "two are named so";
  EXPECT_EQ(member(done("application show", "App", {{"account", {"Acme"}}}), "created_by"),
            "uid 7");
  refused("application create", "X", {{"account", {"Nobody"}}}, "there is no account \"Nobody\"");
}

TEST_F(ApplicationVerbs, IsDisabledAndEnabled) {
  subscribe();
  done("application disable", "App");
  refused("application disable", "App", {}, "application \"App\" is disabled already");
  done("application enable", "App");
}

TEST_F(ApplicationVerbs, DeletingTakesKeysSubscriptionsAndGrantsAlong) {
  const std::string subscription = subscribe();
  done("key create", "", {{"subscription", {subscription}}});
  done("key create", "", {{"subscription", {subscription}}});
  done("account create", "Other");
  done("grant create", "", {{"application", {"App"}}, {"account", {"Other"}}});
  const auto reply = done("application delete", "App");
  EXPECT_NE(reply.text.find("deleted, with 2 keys"), std::string::npos) << reply.text;
  EXPECT_EQ(store.changes.back().remove.size(), 5U);
  EXPECT_TRUE(store.changes.back().put.empty());
  EXPECT_EQ(commands->model().keys.all().size(), 0U);
  EXPECT_EQ(commands->model().subscriptions.size(), 0U);
  EXPECT_EQ(commands->model().grants.size(), 0U);
  refused("application show", "App", {}, "there is no application \"App\"");
}

TEST_F(ApplicationVerbs, Grants) {
  subscribe();
  done("account create", "Other");
  done("role create", "reader", {{"account", {"Other"}}, {"allow", {"messaging:messages.list"}}});
  refused("grant create", "", {{"application", {"App"}}, {"account", {"Acme"}}},
          "application \"App\" belongs to that account: its keys open it already");
  const auto made = done("grant create", "",
                         {{"application", {"App"}}, {"account", {"Other"}}, {"role", {"reader"}}});
  const std::string id = member(made, "id");
  EXPECT_EQ(member(made, "granted_by"), "uid 7");
  refused("grant create", "", {{"application", {"App"}}, {"account", {"Other"}}},
          "grant " + id + " gives that already");
  refused("role delete", "reader", {}, "role \"reader\" is the ceiling of grant " + id);
  done("grant revoke", id);
  refused("grant revoke", id, {}, "grant " + id + " is revoked already");
  done("grant create", "", {{"application", {"App"}}, {"account", {"Other"}}});
}

}  // namespace
}  // namespace sallyport::admin
