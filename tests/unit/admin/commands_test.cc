#include "admin/commands.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class CommandsTest : public test::CommandFixture {};

TEST_F(CommandsTest, AChangeIsStoredThenInForceThenAnswered) {
  const CommandReply reply = done("account create", "Acme");
  ASSERT_EQ(store.changes.size(), 1U);
  const Change& change = store.changes.front();
  EXPECT_EQ(change.audit.actor, "uid 7");
  EXPECT_EQ(change.audit.action, "account.create");
  EXPECT_EQ(change.audit.subject, "account " + member(reply, "id"));
  EXPECT_EQ(change.audit.time_us, clock.unix_us());
  EXPECT_NE(change.audit.json.find("\"name\":\"Acme\""), std::string::npos);
  ASSERT_EQ(change.events.size(), 1U);
  EXPECT_EQ(change.events.front().kind, "account.created");
  ASSERT_EQ(in_force.size(), 1U);
  EXPECT_EQ(in_force.front().put.size(), change.put.size());
}

TEST_F(CommandsTest, WhatIsReadAgainFromTheStoreIsTheSame) {
  subscribe();
  done("user add", "jane", {{"account", {"Acme"}}}, {{"password", "correct horse"}});
  CommandServices services;
  services.clock = &clock;
  services.random = &random;
  const auto again = Commands::open(store, std::move(services));
  ASSERT_TRUE(again);
  for (const char* verb : {"account", "application", "plan", "subscription", "user", "workspace"}) {
    const CommandRequest request{{verb, "list"}, {}, {}, "uid 7"};
    EXPECT_EQ((*again)->execute(request).json, commands->execute(request).json) << verb;
  }
}

TEST_F(CommandsTest, WhatCannotBeStoredIsNotInForce) {
  store.away = true;
  const CommandReply reply = run("account create", "Acme");
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, "nothing was changed: the store is away");
  EXPECT_TRUE(in_force.empty());
  EXPECT_EQ(commands->model().accounts.size(), 0U);
}

TEST_F(CommandsTest, ARevocationAndABlockHoldAllTheSame) {
  const std::string subscription = subscribe();
  const std::string key = member(done("key create", "", {{"subscription", {subscription}}}), "id");
  done("user add", "jane", {{"account", {"Acme"}}}, {{"password", "correct horse"}});
  in_force.clear();
  store.away = true;
  const std::string not_durable =
      "in force, but not durable: the store is away; repeat it once the store can be written";

  CommandReply reply = run("key revoke", key);
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, not_durable);
  ASSERT_EQ(in_force.size(), 1U);
  EXPECT_EQ(std::get<ApiKey>(in_force[0].put[0]).status, Status::Revoked);

  reply = run("user block", "jane");
  EXPECT_EQ(reply.error, not_durable);
  ASSERT_EQ(in_force.size(), 2U);
  EXPECT_EQ(std::get<User>(in_force[1].put[0]).status, Status::Blocked);

  EXPECT_EQ(run("user unblock", "jane").error, "nothing was changed: the store is away");
  EXPECT_EQ(in_force.size(), 2U) << "only what takes away goes ahead";
}

TEST_F(CommandsTest, RequestsThatNoCommandLineWouldSendAreBadUsage) {
  const struct {
    CommandRequest request;
    const char* error;
  } cases[] = {
      {{{}, {}, {}, ""}, "no command"},
      {{{"frobnicate"}, {}, {}, ""}, "there is no command \"frobnicate\""},
      {{{"key", "forge"}, {}, {}, ""}, "there is no command \"key forge\""},
      {{{"account", "show"}, {}, {}, ""}, "ACCOUNT is missing"},
      {{{"account", "show", ""}, {}, {}, ""}, "ACCOUNT is missing"},
      {{{"account", "list", "x"}, {}, {}, ""}, "there are more words than the command takes"},
      {{{"account", "show", "x", "hunter2"}, {}, {}, ""},
       "there are more words than the command takes"},
      {{{"account", "list"}, {{"force", {""}}}, {}, ""}, "unknown option --force"},
      {{{"workspace", "create", "W"}, {}, {}, ""}, "--account is required"},
      {{{"account", "create", "A"}, {{"time-zone", {"UTC", "UTC"}}}, {}, ""},
       "--time-zone may be given only once"},
  };
  for (const auto& one : cases) {
    const CommandReply reply = commands->execute(one.request);
    EXPECT_EQ(reply.exit_code, kBadUsage) << one.error;
    EXPECT_EQ(reply.error, one.error);
  }
  EXPECT_TRUE(store.changes.empty());
}

TEST_F(CommandsTest, NoSecretIsInAnyAuditRowOrEvent) {
  const std::string subscription = subscribe();
  done("key create", "", {{"subscription", {subscription}}});
  done("user add", "jane", {{"account", {"Acme"}}}, {{"password", "correct horse"}});
  done("user password", "jane", {{"generate", {""}}});
  for (const Change& change : store.changes) {
    std::string told = change.audit.json + change.audit.subject;
    for (const Event& event : change.events) told += event.json + event.subject;
    for (const char* secret : {"THE_KEY", "correct horse", "made-up-password", "hash of",
                               "$sha256$", "digest", "verifier"}) {
      EXPECT_EQ(told.find(secret), std::string::npos) << secret << " in " << told;
    }
  }
}

TEST_F(CommandsTest, UsesOfKeysAreShownAndKeptUntilTheyAreStored) {
  const std::string subscription = subscribe();
  const std::string id = member(done("key create", "", {{"subscription", {subscription}}}), "id");
  const KeyId key = commands->model().key(id)->id;
  store.away = true;
  commands->note_uses({{key, 1'800'000'061'000'000}, {KeyId{5}, 1}});
  EXPECT_TRUE(store.uses.empty());
  store.away = false;
  commands->note_uses({});
  EXPECT_EQ(store.uses.size(), 2U);
  EXPECT_EQ(member(done("key show", id), "last_used"), "2027-01-15T08:01:00Z");
  commands->note_uses({});
  EXPECT_EQ(store.uses.size(), 2U) << "once";
}

TEST_F(CommandsTest, WhatCannotBeReadIsNotTakenForAbsent) {
  const std::string subscription = subscribe();
  const std::string id = member(done("key create", "", {{"subscription", {subscription}}}), "id");
  const std::size_t changes = store.changes.size();
  store.unread = true;
  for (const auto& [command, subject] : std::vector<std::pair<std::string, std::string>>{
           {"key show", id}, {"key list", ""}, {"key revoke", id}, {"application delete", "App"}}) {
    const CommandReply reply = run(command, subject);
    EXPECT_EQ(reply.exit_code, kRefused) << command;
    EXPECT_NE(reply.error.find("the store cannot be read"), std::string::npos)
        << command << ": " << reply.error;
  }
  EXPECT_EQ(store.changes.size(), changes);
  store.unread = false;
  done("key show", id);
}

}  // namespace
}  // namespace sallyport::admin
