#include "admin/document_rules.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class DocumentRulesTest : public test::CommandFixture {
 protected:
  DocumentRulesTest() {
    subscription = subscribe();
    key = member(done("key create", "", {{"subscription", {subscription}}}), "id");
    other = member(done("account create", "Other"), "id");
    application = commands->model().application("App")->id.hex();
    done("application create", "Theirs", {{"account", {"Other"}}});
    role = member(done("role create", "reader", {{"account", {"Acme"}}}), "id");
    user = member(done("user add", "jane", {{"account", {"Acme"}}, {"generate", {""}}}), "id");
    grant =
        member(done("grant create", "", {{"application", {"App"}}, {"account", {"Other"}}}), "id");
    done("plan update", "Gold", {{"rate", {"5"}}, {"quota", {"100"}}, {"key-lifetime", {"10"}}});
  }
  CommandReply apply(const std::string& document) {
    return run("apply", "x.toml", {}, {{"document", document}});
  }
  static std::string table(const std::string& section, const std::string& id) {
    return "[[" + section + "]]\nid = \"" + id + "\"\n";
  }

  std::string subscription;
  std::string key;
  std::string other;
  std::string application;
  std::string role;
  std::string user;
  std::string grant;
};

TEST_F(DocumentRulesTest, WhatTheVerbsRefuseADocumentCannotDo) {
  const std::string kDefault = "[[workspace]]\naccount = \"Acme\"\nname = ";
  const struct {
    std::string document;
    std::string problem;
  } kCases[] = {
      {table("application", application) + "account = \"Other\"\n",
       "3:1: an application stays in its account"},
      {table("role", role) + "account = \"Other\"\n", "3:1: a role stays in its account"},
      {table("role", role) + "account = \"\"\n", "3:1: a role stays in its account"},
      {table("user", user) + "account = \"Other\"\n", "3:1: a user stays in their account"},
      {table("subscription", subscription) + "application = \"Theirs\"\n",
       "3:1: a subscription stays with its application"},
      {table("subscription", subscription) + "environment = \"test\"\n",
       "3:1: a subscription stays in its environment"},
      {table("grant", grant) + "account = \"Acme\"\n", "3:1: a grant stays with the account"},
      {"[[grant]]\napplication = \"App\"\naccount = \"Acme\"\n",
       "belongs to that account: its keys open it already"},
      {table("grant", "00000000000000AB") + "application = \"App\"\naccount = \"Other\"\n",
       "1:1: grant " + grant + " gives that already"},
      {table("key", key) + "rate_per_second = 6\n", "a key may only lower it"},
      {table("key", key) + "quota = 101\n", "3:1: the key's quota is 101, above"},
      {table("key", key) + "expires = \"2100-01-01T00:00:00Z\"\n", "3:1: the key must expire by "},
      {table("key", key) +
           "not_before = \"2100-01-02T00:00:00Z\"\nexpires = \"2100-01-01T00:00:00Z\"\n",
       "4:1: the key would expire at 2100-01-01T00:00:00Z, before it is valid"},
      {table("key", key) + "note = \"a\\u0007b\"\n", "3:1: note must have no control characters"},
      {table("key", key) + "note = \"" + std::string(4'001, 'x') + "\"\n", "at most 4000 bytes"},
      {table("user", user) + "verifier = \"$1$a$b\"\n", "3:1: verifier: MD5"},
      {table("user", user) + "verifier = \"secret\"\n", "3:1: verifier: not a kind of hash"},
      {table("user", user) + "verifier = \"\"\n", "3:1: verifier: not a kind of hash"},
      {"[[user]]\naccount = \"Acme\"\nusername = \"a:b\"\n", "must not hold a colon"},
      {"[[user]]\naccount = \"Acme\"\nusername = \"0123456789ABCDEF\"\n", "looks like an id"},
      {kDefault + "\"Second\"\ndefault = true\n",
       "4:1: the account would have 2 default workspaces; it has one"},
      {kDefault + "\"My Company\"\ndefault = false\n",
       "4:1: the account would have 0 default workspaces; it has one"},
      {"[[developer]]\nemail = \"nobody\"\n", "2:1: \"nobody\" is no email address"},
      {"[[plan]]\nname = \"Gold\"\npriority = 1001\n", "3:1: priority must be a number from -1000"},
      {"[[plan]]\nname = \"Gold\"\nrate_per_second = 100000001\n", "a number from 0 to 100000000"},
      {"[[plan]]\nname = \"Gold\"\nkey_lifetime_days = 36501\n", "a number from 0 to 36500"},
      {"[[plan]]\nname = \"Gold\"\nkey_lifetime_days = 0\n",
       "3:1: key_lifetime_days must be 1 or more"},
      {"[[plan]]\nname = \"Gold\"\nopens = [{ rate_per_second = 5 }]\n",
       "opens must hold tables like { what = \"messaging:*\" }"},
      {"[[plan]]\nname = \"Gold\"\nopens = [5]\n", "opens must hold tables like"},
      {table("role", role) + "shadow_allow = [\"messaging:*\"]\n",
       "3:1: a candidate needs a shadow_until"},
      {table("role", role) +
           "shadow_allow = [\"messaging:*\"]\nshadow_until = \"2100-01-01T00:00:00Z\"\n",
       "4:1: a candidate is asked for 90 days at most"},
  };
  const std::size_t before = store.changes.size();
  for (const auto& [document, problem] : kCases) {
    const auto reply = apply(document);
    EXPECT_EQ(reply.exit_code, kRefused) << document;
    EXPECT_NE(reply.error.find(problem), std::string::npos) << document << reply.error;
  }
  EXPECT_EQ(store.changes.size(), before);
}

TEST_F(DocumentRulesTest, WhatIsThereAlreadyIsNoProblem) {
  done("key update", key, {{"rate", {"5"}}, {"quota", {"100"}}});
  done("plan update", "Gold", {{"rate", {"2"}}, {"quota", {"10"}}, {"key-lifetime", {"1"}}});
  const std::string document = done("export", "", {{"with-verifiers", {""}}}).text;
  const auto reply = apply(document);
  EXPECT_EQ(reply.text, "0 created, 0 changed, 0 deleted\n") << reply.error;
}

TEST_F(DocumentRulesTest, TheDefaultWorkspaceMayBeAnother) {
  const auto reply = apply(
      "[[workspace]]\naccount = \"Acme\"\nname = \"My Company\"\ndefault = false\n"
      "[[workspace]]\naccount = \"Acme\"\nname = \"Second\"\ndefault = true\n");
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_TRUE(commands->model().workspace("Second")->is_default);
}

TEST_F(DocumentRulesTest, EveryKindOfHashComesBack) {
  for (const char* verifier :
       {"pbkdf2_sha256$2000$NaClNaCl$4ZvJpcbyv1c8iJgCMMhUMK1rFTpCKe9fjpdGKG0WMAE=",
        "$2y$05$xSLXJS9PJ1owxFTHzklJQump8texlmsnHWaBT.N3jpP6piBNtwVkC"}) {
    const auto reply = apply(table("user", user) + "verifier = \"" + verifier + "\"\n");
    EXPECT_EQ(reply.exit_code, kDone) << reply.error;
    EXPECT_EQ(commands->model().user("jane")->verifier, verifier);
  }
}

TEST_F(DocumentRulesTest, OpeningsMayBeWrittenAsOnTheCommandLine) {
  const auto reply = apply("[[plan]]\nname = \"Silver\"\nopens = [\"messaging:messages.list\"]\n");
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_EQ(commands->model().plan("Silver")->opens.at(0).match.operation, "messages.list");
}

}  // namespace
}  // namespace sallyport::admin
