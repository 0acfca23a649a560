#include "admin/apply.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class Apply : public test::CommandFixture {
 protected:
  CommandReply apply(const std::string& document, Options options = {}) {
    return run("apply", "x.toml", std::move(options), {{"document", document}});
  }
  CommandReply applied(const std::string& document, Options options = {}) {
    auto reply = apply(document, std::move(options));
    EXPECT_EQ(reply.exit_code, kDone) << reply.error;
    return reply;
  }
  // In one change, or in none.
  std::size_t changes_of(const std::string& document, Options options = {}) {
    const std::size_t before = store.changes.size();
    applied(document, std::move(options));
    return store.changes.size() - before;
  }
  // A little of everything.
  void fill() {
    subscribe();
    done("workspace create", "North", {{"account", {"Acme"}}});
    done("role create", "reader",
         {{"account", {"Acme"}},
          {"deny", {"messaging:messages.create"}},
          {"allow", {"messaging:*"}}});
    done("role shadow", "reader", {{"allow", {"messaging:messages.list"}}});
    done("developer create", "dev@example.test", {{"account", {"Acme"}}});
    done("user add", "jane",
         {{"account", {"Acme"}},
          {"role", {"reader@North"}},
          {"network", {"192.0.2.0/24"}},
          {"generate", {""}}});
    done("key create", "", {{"subscription", {"App"}}, {"expires", {"2100-01-01"}}});
    done("account create", "Partner");
    done("grant create", "", {{"application", {"App"}}, {"account", {"Partner"}}});
  }
};

TEST_F(Apply, WhatWasExportedChangesNothing) {
  fill();
  for (const Options& options : {Options{}, Options{{"with-verifiers", {""}}}}) {
    const std::string document = done("export", "", options).text;
    const auto reply = applied(document);
    EXPECT_EQ(reply.text, "0 created, 0 changed, 0 deleted\n");
    EXPECT_EQ(changes_of(document), 0U);
    EXPECT_EQ(changes_of(document, {{"prune", {""}}}), 0U) << "everything is named";
  }
}

TEST_F(Apply, WhatWasExportedComesBackAsItWas) {
  fill();
  const std::string document = done("export").text;
  done("user block", "jane");
  done("plan update", "Gold", {{"rate", {"5"}}});
  done("role update", "reader", {{"deny", {"messaging:messages.list"}}});
  const User blocked = *commands->model().user("jane");
  const auto reply = applied(document);
  EXPECT_NE(reply.text.find("~ user \"jane\": status \"blocked\" -> \"active\"\n"),
            std::string::npos)
      << reply.text;
  EXPECT_NE(reply.text.find("~ plan \"Gold\": rate_per_second 5 -> \"unlimited\"\n"),
            std::string::npos)
      << reply.text;
  EXPECT_EQ(done("export").text, document);
  EXPECT_GT(commands->model().user("jane")->security_version, blocked.security_version)
      << "what was proven under the old status ends";
  EXPECT_EQ(store.changes.back().audit.action, "apply");
  EXPECT_EQ(store.changes.back().audit.actor, "uid 7");
  EXPECT_EQ(in_force.back().put.size(), 3U) << "in force, in one change";
}

TEST_F(Apply, MakesAWorldFromNothing) {
  const std::string document = R"(
format = 1
[[account]]
name = "Acme"
time_zone = "Europe/Rome"
[[role]]
account = "Acme"
name = "reader"
allow = ["messaging:messages.list"]
[[plan]]
name = "Gold"
rate_per_second = 5
opens = [{ what = "messaging:*" }]
[[application]]
account = "Acme"
name = "App"
[[subscription]]
application = "App"
plan = "Gold"
[[user]]
account = "Acme"
username = "jane"
roles = ["reader"]
)";
  const std::size_t before = store.changes.size();
  const auto dry = applied(document, {{"dry-run", {""}}});
  EXPECT_EQ(store.changes.size(), before) << "a dry run writes nothing";
  EXPECT_TRUE(in_force.empty());
  EXPECT_NE(dry.text.find("+ user \"jane\"\n"), std::string::npos) << dry.text;
  EXPECT_NE(dry.text.find("would be: 7 created"), std::string::npos) << dry.text;
  EXPECT_NE(dry.json.find("\"dry_run\":true,\"created\":7"), std::string::npos) << dry.json;

  const auto reply = applied(document);
  EXPECT_NE(reply.text.find("note: user \"jane\" is new and has no password yet"),
            std::string::npos)
      << reply.text;
  EXPECT_EQ(store.changes.size(), before + 1);
  const Account account = *commands->model().account("Acme");
  EXPECT_EQ(account.time_zone, "Europe/Rome");
  EXPECT_TRUE(commands->model().workspace("My Company", account.id)->is_default)
      << "an account has its default workspace, as if made by hand";
  EXPECT_EQ(commands->model().plan("Gold")->limits.rate_per_second, 5U);
  EXPECT_EQ(commands->model().user("jane")->roles.size(), 1U);
  EXPECT_EQ(changes_of(document), 0U) << "the second time there is nothing to do";
}

TEST_F(Apply, EveryProblemIsToldWithItsPlaceAndNothingIsChanged) {
  fill();
  const std::size_t before = store.changes.size();
  const auto reply = apply(R"(
[[account]]
name = "New"
time_zone = "Mars/Olympus"
colour = "red"
[[role]]
name = "x"
allow = ["messaging:no.such", "messaging GET nowhere"]
[[plan]]
name = "Silver"
rate_per_second = 5
burst = 2
quota_period = "year"
[[user]]
account = "Nobody"
username = "joe"
[[user]]
account = "Acme"
username = "max"
roles = ["reader@South", 7]
allowed_networks = ["192.0.2.1/24"]
statuss = "active"
[[user]]
account = "Acme"
username = "MAX"
status = "frozen"
[[key]]
subscription = "App"
[[usr]]
)");
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(store.changes.size(), before);
  for (const char* line :
       {"x.toml:4:1: \"Mars/Olympus\" is no time zone", "x.toml:5:1: there is no field \"colour\"",
        "x.toml:8:10: allow: there is no operation \"no.such\"",
        "x.toml:8:31: allow: the pattern can never match",
        "x.toml:12:1: the burst is 2, below the rate", "x.toml:13:1: quota_period must be minute",
        "x.toml:15:1: account: there is no account \"Nobody\"",
        "roles: there is no workspace \"South\"", "roles must hold strings, not an integer",
        "x.toml:21:21: allowed_networks:",
        "x.toml:22:1: there is no field \"statuss\", perhaps \"status\"",
        "status must be one of pending, active, inactive, blocked, deleted, not \"frozen\"",
        "a key that is not there yet needs its id and its digest",
        "there is no section [[usr]], perhaps [[user]]"}) {
    EXPECT_NE(reply.error.find(line), std::string::npos) << line << "\nin\n" << reply.error;
  }
  EXPECT_TRUE(reply.error.starts_with("nothing was changed: ")) << reply.error;
}

TEST_F(Apply, NamesAndTablesAreNotTakenTwice) {
  fill();
  const std::string id = commands->model().account("Partner")->id.hex();
  EXPECT_NE(apply("[[account]]\nid = \"" + id + "\"\nname = \"Acme\"\n")
                .error.find("x.toml:1:1: account \"Acme\": there is another one of that name"),
            std::string::npos);
  EXPECT_NE(apply("[[account]]\nname = \"Acme\"\n[[account]]\nname = \"Acme\"\n")
                .error.find("is in the document twice, first at line 1"),
            std::string::npos);
  EXPECT_NE(apply("[[account]]\nid = \"7\"\n").error.find("id must be 16"), std::string::npos);
  EXPECT_NE(apply("format = 2\n").error.find("format must be 1"), std::string::npos);
  EXPECT_NE(apply("account = 7\n").error.find("account must be an array of tables"),
            std::string::npos);
  EXPECT_NE(apply("x = [").error.find("x.toml:1:"), std::string::npos);
  EXPECT_EQ(run("apply", "x.toml").exit_code, kBadUsage);
}

TEST_F(Apply, ARenameNeedsTheId) {
  fill();
  const std::string id = commands->model().account("Acme")->id.hex();
  applied("[[account]]\nid = \"" + id + "\"\nname = \"Acme Limited\"\n");
  EXPECT_EQ(commands->model().account("Acme Limited")->id.hex(), id);
}

TEST_F(Apply, WhatIsOverStaysOver) {
  fill();
  const std::string document = done("export", "", {{"with-verifiers", {""}}}).text;
  const std::string key = commands->model().keys.all().front()->id.hex();
  done("key revoke", key);
  done("user delete", "jane");
  const auto reply = applied(document);
  EXPECT_NE(reply.text.find("note: key " + key + " is revoked, and that is final\n"),
            std::string::npos)
      << reply.text;
  EXPECT_NE(reply.text.find("note: user \"jane\" is deleted, and that is final\n"),
            std::string::npos);
  EXPECT_EQ(commands->model().key(key)->status, Status::Revoked);
  EXPECT_EQ(commands->model().user("jane")->status, Status::Deleted);
  EXPECT_NE(reply.text.find("0 created, 0 changed, 0 deleted"), std::string::npos) << reply.text;
}

TEST_F(Apply, AKeysDigestNeverChanges) {
  fill();
  const std::string key = commands->model().keys.all().front()->id.hex();
  const auto reply =
      apply("[[key]]\nid = \"" + key + "\"\ndigest = \"" + std::string(64, '1') + "\"\n");
  EXPECT_NE(reply.error.find("a key's digest never changes"), std::string::npos) << reply.error;
}

}  // namespace
}  // namespace sallyport::admin
