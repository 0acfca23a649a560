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

TEST_F(RoleVerbs, ARuleWithoutEffectIsRefused) {
  refused("role create", "x", {{"allow", {"messaging:messages.list", "messaging:messages.list"}}},
          "messaging:messages.list is allowed twice");
  refused("role create", "x", {{"allow", {"messaging:messages.list"}}, {"deny", {"messaging:*"}}},
          "messaging:messages.list is allowed in vain: messaging:* is denied, and a denial wins");
}

TEST_F(RoleVerbs, ACandidateStandsBesideTheRoleUntilItEnds) {
  done("role create", "reader", {{"allow", {"messaging:messages.list"}}});
  done("role shadow", "reader", {{"allow", {"messaging:messages.create"}}});
  Role role = *commands->model().role("reader");
  EXPECT_EQ(role.permissions[0].match.operation, "messages.list") << "the role itself stays";
  ASSERT_EQ(role.shadow.size(), 1U);
  EXPECT_EQ(role.shadow[0].match.operation, "messages.create");
  EXPECT_EQ(role.shadow_until_us, clock.unix_us() + 7 * 86'400'000'000) << "seven days by default";
  const auto shown = done("role show", "reader");
  EXPECT_NE(shown.text.find("shadow_allow  messaging:messages.create"), std::string::npos)
      << shown.text;
  done("role shadow", "reader", {{"enforce", {""}}});
  role = *commands->model().role("reader");
  EXPECT_EQ(role.permissions[0].match.operation, "messages.create");
  EXPECT_TRUE(role.shadow.empty());
  EXPECT_EQ(role.shadow_until_us, 0);
  done("role shadow", "reader", {{"deny", {"messaging:messages.list"}}});
  EXPECT_EQ(commands->model().role("reader")->shadow.size(), 2U) << "what it has, and the denial";
  done("role shadow", "reader", {{"end", {""}}});
  EXPECT_TRUE(commands->model().role("reader")->shadow.empty());
  EXPECT_EQ(commands->model().role("reader")->permissions.size(), 1U);

  refused("role shadow", "reader", {{"end", {""}}}, "role \"reader\" has no candidate");
  refused("role shadow", "reader", {{"allow", {"messaging:messages.create"}}},
          "that is what role \"reader\" permits already");
  refused("role shadow", "reader", {{"allow", {"messaging:*"}}, {"expires", {"2020-01-01"}}},
          "the expiry 2020-01-01T00:00:00Z is in the past");
  refused("role shadow", "reader", {{"allow", {"messaging:*"}}, {"expires", {"2100-01-01"}}},
          "a candidate is asked for 90 days at most");
  EXPECT_EQ(run("role shadow", "reader").exit_code, kBadUsage);
  EXPECT_EQ(run("role shadow", "reader", {{"end", {""}}, {"enforce", {""}}}).exit_code, kBadUsage);
}

TEST_F(RoleVerbs, ATestNeedsOneWhoAndOneWhat) {
  for (const Options& options :
       {Options{}, Options{{"role", {"a"}}}, Options{{"role", {"a"}}, {"method", {"GET"}}},
        Options{{"role", {"a"}}, {"user", {"b"}}, {"operation", {"messages.list"}}},
        Options{{"role", {"a"}}, {"operation", {"x"}}, {"method", {"GET"}}, {"path", {"/"}}},
        Options{{"user", {"b"}}, {"workspace", {"w"}}, {"method", {"GET"}}, {"path", {"/"}}}}) {
    EXPECT_EQ(run("role test", "", options).exit_code, kBadUsage);
  }
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
