#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class RoleVerbs : public test::CommandFixture {
 protected:
  RoleVerbs() { done("account create", "Acme"); }
};

TEST_F(RoleVerbs, ARoleKeepsItsPermissions) {
  done("role create", "reader",
       {{"account", {"Acme"}},
        {"allow", {"messaging:messages.list", "messaging * /x/{id}"}},
        {"deny", {"messaging:messages.create"}}});
  const Role role = *commands->model().role("reader");
  ASSERT_EQ(role.permissions.size(), 3U);
  EXPECT_TRUE(role.permissions[0].allow);
  EXPECT_EQ(role.permissions[1].match, (Match{"messaging", "", {"*"}, "/x/{id}"}));
  EXPECT_FALSE(role.permissions[2].allow);
  EXPECT_EQ(role.account, commands->model().account("Acme")->id);
}

TEST_F(RoleVerbs, AnUpdateReplacesTheKindThatItNames) {
  done("role create", "reader",
       {{"allow", {"messaging:*"}}, {"deny", {"messaging:messages.list"}}});
  done("role update", "reader", {{"allow", {"messaging:messages.create"}}});
  const Role role = *commands->model().role("reader");
  ASSERT_EQ(role.permissions.size(), 2U);
  EXPECT_FALSE(role.permissions[0].allow) << "the denial stays";
  EXPECT_EQ(role.permissions[1].match.operation, "messages.create");
  EXPECT_EQ(run("role update", "reader").exit_code, kBadUsage);
}

TEST_F(RoleVerbs, RefusalsArePrecise) {
  done("role create", "reader");
  done("role create", "reader", {{"account", {"Acme"}}});
  refused("role create", "reader", {}, "a role of the installation is named \"reader\" already");
  refused("role create", "reader", {{"account", {"Acme"}}},
          "a role of the account is named \"reader\" already");
  refused("role create", "a@b", {},
          "a role's name must not hold an @: ROLE@WORKSPACE is how one is given to a user");
  refused("role create", "x", {{"allow", {"messaging GET x"}}}, "the pattern can never match");
  EXPECT_EQ(run("role show", "reader").exit_code, kRefused) << "two are named so";
  EXPECT_EQ(member(done("role show", "reader", {{"account", {"Acme"}}}), "account"),
            commands->model().account("Acme")->id.hex())
      << "the account's own goes first";
}

TEST_F(RoleVerbs, ARoleInUseStays) {
  done("role create", "reader");
  done("user add", "jane", {{"account", {"Acme"}}, {"role", {"reader"}}},
       {{"password", "correct horse"}});
  refused("role delete", "reader", {}, "role \"reader\" is used by 1 user, the first is \"jane\"");
  done("user roles", "jane", {{"remove", {"reader"}}});
  done("role delete", "reader");
  refused("role show", "reader", {}, "there is no role \"reader\"");
}

}  // namespace
}  // namespace sallyport::admin
