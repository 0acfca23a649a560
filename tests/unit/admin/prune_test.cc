#include "admin/prune.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class Prune : public test::CommandFixture {
 protected:
  CommandReply prune(const std::string& document) {
    return run("apply", "x.toml", {{"prune", {""}}}, {{"document", document}});
  }
};

TEST_F(Prune, OnlyWhatTheDocumentSpeaksOfIsPruned) {
  done("account create", "Acme");
  done("role create", "old");
  done("role create", "kept");
  done("user add", "jane", {{"account", {"Acme"}}, {"generate", {""}}});
  EXPECT_EQ(run("apply", "x.toml", {}, {{"document", "[[role]]\nname = \"kept\"\n"}}).text,
            "0 created, 0 changed, 0 deleted\n")
      << "without --prune nothing goes";
  const auto reply = prune("[[role]]\nname = \"kept\"\n");
  EXPECT_EQ(reply.text, "- role \"old\"\n0 created, 0 changed, 1 deleted\n") << reply.error;
  EXPECT_FALSE(commands->model().role("old"));
  EXPECT_EQ(commands->model().user("jane")->status, Status::Active) << "nothing was said of users";
}

TEST_F(Prune, WhatOthersReferToEndsInstead) {
  subscribe();
  done("workspace create", "North", {{"account", {"Acme"}}});
  done("role create", "reader");
  done("user add", "jane", {{"account", {"Acme"}}, {"role", {"reader"}}, {"generate", {""}}});
  const std::string key = member(done("key create", "", {{"subscription", {"App"}}}), "id");
  const auto reply =
      prune("user = []\nkey = []\nplan = []\nworkspace = []\naccount = []\nrole = []\n");
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_EQ(commands->model().key(key)->status, Status::Revoked);
  EXPECT_EQ(commands->model().user("jane")->status, Status::Deleted);
  EXPECT_EQ(commands->model().plan("Gold")->status, Status::Inactive) << "a subscription has it";
  EXPECT_EQ(commands->model().workspace("North")->status, Status::Disabled);
  EXPECT_EQ(commands->model().workspace("My Company")->status, Status::Active) << "the default one";
  EXPECT_EQ(commands->model().account("Acme")->status, Status::Suspended);
  EXPECT_FALSE(commands->model().role("reader")) << "whose last user has gone";
  EXPECT_EQ(prune("user = []\nkey = []\nplan = []\nworkspace = []\naccount = []\nrole = []\n").text,
            "0 created, 0 changed, 0 deleted\n")
      << "once";
}

TEST_F(Prune, AnApplicationGoesWithAllThatIsIts) {
  subscribe();
  done("key create", "", {{"subscription", {"App"}}});
  const auto reply = prune("application = []\nkey = []\nsubscription = []\nplan = []\n");
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_EQ(commands->model().applications.size(), 0U);
  EXPECT_EQ(commands->model().subscriptions.size(), 0U);
  EXPECT_EQ(commands->model().keys.all().size(), 0U);
  EXPECT_EQ(commands->model().plans.size(), 0U) << "nobody has it any more";
}

TEST_F(Prune, ARoleThatSomebodyHasIsAProblem) {
  done("account create", "Acme");
  done("role create", "reader");
  done("user add", "jane", {{"account", {"Acme"}}, {"role", {"reader"}}, {"generate", {""}}});
  const std::size_t before = store.changes.size();
  EXPECT_EQ(prune("role = []\n").error,
            "nothing was changed: 1 problem\n"
            "x.toml: role \"reader\" is not in the document, but user \"jane\" has it");
  EXPECT_EQ(store.changes.size(), before);
}

}  // namespace
}  // namespace sallyport::admin
