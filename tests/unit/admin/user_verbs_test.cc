#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class UserVerbs : public test::CommandFixture {
 protected:
  UserVerbs() {
    done("account create", "Acme");
    done("account create", "Other");
    done("role create", "reader", {{"allow", {"messaging:messages.list"}}});
  }
  void add(const std::string& name = "jane") {
    done("user add", name, {{"account", {"Acme"}}}, {{"password", "correct horse"}});
  }
};

TEST_F(UserVerbs, AUserHasAVerifierAndRoles) {
  done("workspace create", "Sales", {{"account", {"Acme"}}});
  done("user add", "jane",
       {{"account", {"Acme"}},
        {"role", {"reader", "reader@Sales"}},
        {"network", {"10.0.0.0/8"}},
        {"first-name", {"Jane"}},
        {"last-name", {"Doe"}}},
       {{"password", "correct horse"}});
  const User user = *commands->model().user("JANE");
  EXPECT_EQ(user.verifier, "hash of 13 bytes");
  EXPECT_EQ(user.status, Status::Active);
  ASSERT_EQ(user.roles.size(), 2U);
  EXPECT_FALSE(user.roles[0].workspace);
  EXPECT_EQ(user.roles[1].workspace, commands->model().workspace("Sales")->id);
  EXPECT_EQ(user.allowed_networks.size(), 1U);
  EXPECT_EQ(user.first_name + user.last_name, "JaneDoe");
}

TEST_F(UserVerbs, AGeneratedPasswordIsShownOnce) {
  const CommandReply reply = done("user add", "jane", {{"account", {"Acme"}}, {"generate", {""}}});
  EXPECT_NE(reply.text.find("made-up-password"), std::string::npos);
  EXPECT_EQ(member(reply, "password"), "made-up-password");
  EXPECT_EQ(commands->model().user("jane")->verifier, "$sha256$00");
  EXPECT_EQ((done("user show", "jane").json).find("made-up"), std::string::npos);
}

TEST_F(UserVerbs, ThePasswordPolicy) {
  const struct {
    std::string password;
    const char* error;
  } cases[] = {
      {"1234567", "the password has 7 characters; it must have 8 to 256"},
      {"", "the password has 0 characters; it must have 8 to 256"},
      {std::string(257, 'x'), "the password has 257 characters; it must have 8 to 256"},
      {"xxJaNexx", "the password must not hold the user name"},
      {"1234567\t", "the password must be UTF-8 without control characters"},
      {"1234567\xff", "the password must be UTF-8 without control characters"},
      {"Passw0rd!", "the password is one of those that everybody tries first"},
  };
  for (const auto& one : cases) {
    refused("user add", "jane", {{"account", {"Acme"}}}, one.error, {{"password", one.password}});
  }
  add();
  refused("user password", "jane", {}, "the password has 5 characters; it must have 8 to 256",
          {{"password", "short"}});
  done("user password", "jane", {},
       {{"password",
         "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"
         "1234"}});
  const CommandReply none = run("user password", "jane");
  EXPECT_EQ(none.exit_code, kBadUsage);
  EXPECT_EQ(none.error, "no password: give it on standard input, or use --generate");
}

TEST_F(UserVerbs, NamesAreUniqueWithinAnAccountWhateverTheirCase) {
  add();
  refused("user add", "JANE", {{"account", {"Acme"}}},
          "user \"jane\" of the account has that name already", {{"password", "correct horse"}});
  done("user add", "jane", {{"account", {"Other"}}}, {{"password", "correct horse"}});
  refused("user add", "a:b", {{"account", {"Acme"}}},
          "a user name must not hold a colon: HTTP Basic ends the name at the first",
          {{"password", "correct horse"}});
  refused("user add", std::string(129, 'x'), {{"account", {"Acme"}}},
          "a user name is 1 to 128 bytes of UTF-8 without control characters",
          {{"password", "correct horse"}});
  EXPECT_EQ(run("user show", "jane").exit_code, kRefused) << "in two accounts";
  done("user show", "jane", {{"account", {"Other"}}});
}

TEST_F(UserVerbs, EachChangeThatEndsProofsRaisesTheSecurityVersion) {
  add();
  const auto version = [&] { return commands->model().user("jane")->security_version; };
  EXPECT_EQ(version(), 1U);
  done("user password", "jane", {}, {{"password", "another one"}});
  EXPECT_EQ(version(), 2U);
  done("user block", "jane");
  EXPECT_EQ(version(), 3U);
  done("user unblock", "jane");
  done("user roles", "jane", {{"add", {"reader"}}});
  EXPECT_EQ(version(), 4U) << "roles are read live";
}

TEST_F(UserVerbs, AUsersLife) {
  add();
  refused("user activate", "jane", {}, "user \"jane\" is active already");
  refused("user unblock", "jane", {}, "user \"jane\" is active already");
  done("user deactivate", "jane");
  refused("user unblock", "jane", {},
          "user \"jane\" is inactive; only one that is blocked can become active");
  done("user activate", "jane");
  done("user block", "jane");
  refused("user activate", "jane", {},
          "user \"jane\" is blocked; only one that is pending or inactive can become active");
  done("user unblock", "jane");
  done("user delete", "jane");
  refused("user activate", "jane", {}, "user \"jane\" is deleted, and that is final");
  refused("user password", "jane", {}, "user \"jane\" is deleted, and that is final",
          {{"password", "correct horse"}});
  refused("user add", "jane", {{"account", {"Acme"}}},
          "user \"jane\" of the account has that name already (deleted; names are not used twice)",
          {{"password", "correct horse"}});
}

TEST_F(UserVerbs, RolesAreGivenAndTaken) {
  add();
  done("user roles", "jane", {{"add", {"reader"}}});
  refused("user roles", "jane", {{"add", {"reader"}}},
          "user \"jane\" has the role \"reader\" already");
  refused("user roles", "jane", {{"remove", {"reader@My Company"}}},
          "user \"jane\" does not have the role \"reader@My Company\"");
  refused("user roles", "jane", {{"add", {"writer"}}}, "there is no role \"writer\"");
  refused("user roles", "jane", {{"add", {"reader@Nowhere"}}}, "there is no workspace \"Nowhere\"");
  EXPECT_NE(done("user roles", "jane").text.find("reader"), std::string::npos) << "only shows";
  done("user roles", "jane", {{"remove", {"reader"}}});
  EXPECT_TRUE(commands->model().user("jane")->roles.empty());
}

TEST_F(UserVerbs, ARoleOfAnotherAccountIsNotGiven) {
  add();
  const std::string role = member(done("role create", "theirs", {{"account", {"Other"}}}), "id");
  refused("user roles", "jane", {{"add", {role}}}, "role \"theirs\" belongs to another account");
  const auto workspace =
      commands->model().workspace("My Company", commands->model().account("Other")->id);
  refused("user roles", "jane", {{"add", {"reader@" + workspace->id.hex()}}},
          "workspace \"My Company\" belongs to another account");
}

TEST_F(UserVerbs, SigningOutEndsTokensAndLeavesThePassword) {
  add();
  const User before = *commands->model().user("jane");
  done("user sign-out", "jane");
  const User after = *commands->model().user("jane");
  EXPECT_EQ(after.security_version, before.security_version + 1);
  EXPECT_EQ(after.verifier, before.verifier);
  EXPECT_EQ(after.status, Status::Active);
  EXPECT_EQ(store.changes.back().audit.action, "user.sign-out");
}

TEST_F(UserVerbs, APasswordMayHaveToBeChangedAndAUserMayWait) {
  done("user add", "jane", {{"account", {"Acme"}}, {"must-change", {""}}, {"pending", {""}}},
       {{"password", "correct horse"}});
  EXPECT_TRUE(commands->model().user("jane")->must_change);
  EXPECT_EQ(commands->model().user("jane")->status, Status::Pending);
  done("user password", "jane", {}, {{"password", "correct horses"}});
  EXPECT_FALSE(commands->model().user("jane")->must_change);
  done("user password", "jane", {{"must-change", {""}}}, {{"password", "correct horse"}});
  EXPECT_TRUE(commands->model().user("jane")->must_change);
}

TEST_F(UserVerbs, NetworksAreAddedAndTaken) {
  add();
  done("user networks", "jane", {{"add", {"10.0.0.0/8", "2001:db8::/32"}}});
  EXPECT_EQ(commands->model().user("jane")->allowed_networks.size(), 2U);
  done("user networks", "jane", {{"remove", {"10.0.0.0/8"}}});
  EXPECT_EQ(commands->model().user("jane")->allowed_networks.size(), 1U);
  refused("user networks", "jane", {{"remove", {"10.0.0.0/8"}}},
          "10.0.0.0/8 is not among the networks of user \"jane\"");
  refused("user networks", "jane", {{"add", {"2001:db8::/32"}}},
          "user \"jane\" may come from 2001:db8::/32 already");
  const auto reply = done("user networks", "jane", {{"remove", {"2001:db8::/32"}}});
  EXPECT_NE(reply.text.find(" networks changed\nNo network is left"), std::string::npos);
}

TEST_F(UserVerbs, WhatIsGivenTwiceIsThereOnce) {
  done("account create", "Twice");
  done("role create", "pair", {{"account", {"Twice"}}});
  done("user add", "max",
       {{"account", {"Twice"}},
        {"role", {"pair", "pair"}},
        {"network", {"10.0.0.0/8", "10.0.0.0/8"}},
        {"generate", {""}}});
  EXPECT_EQ(commands->model().user("max")->roles.size(), 1U);
  EXPECT_EQ(commands->model().user("max")->allowed_networks.size(), 1U);
}

TEST_F(UserVerbs, AnUnlockIsAudited) {
  add();
  const CommandReply reply = done("user unlock", "jane", {{"source", {"192.0.2.7"}}});
  EXPECT_NE(reply.text.find("no server runs"), std::string::npos) << "as in this test";
  EXPECT_EQ(store.changes.back().audit.action, "user.unlock");
  EXPECT_EQ(store.changes.back().audit.json, R"({"source":"192.0.2.7"})");
  refused("user unlock", "jane", {{"source", {"here"}}}, "\"here\" is not an IP address");
}

}  // namespace
}  // namespace sallyport::admin
