#include "admin/document_text.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class DocumentText : public test::CommandFixture {};

TEST_F(DocumentText, WritesEveryFieldOfEveryEntity) {
  subscribe();
  done("role create", "reader", {{"allow", {"messaging:messages.list"}}});
  done("user add", "jane", {{"account", {"Acme"}}, {"role", {"reader"}}, {"generate", {""}}});
  done("key create", "", {{"subscription", {"App"}}, {"note", {"a \"note\""}}});
  const std::string text = done("export").text;
  for (const char* part :
       {"format = 1\n", "[[account]]\nid = \"", "name = \"Acme\"\n", "[[workspace]]\n",
        "default = true\n", "[[role]]\n", "allow = [\"messaging:messages.list\"]\ndeny = []\n",
        "opens = [{ what = \"messaging:*\", rate_per_second = \"plan\"", "# no [[developer]]\n",
        "account = \"Acme\"\nusername = \"jane\"\nstatus = \"active\"\nroles = [\"reader\"]\n",
        "application = \"App\"\nplan = \"Gold\"\nenvironment = \"live\"\n",
        "note = \"a \\\"note\\\"\"\n", "expires = \"\"\n", "# no [[grant]]\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
  for (const char* secret : {"digest", "verifier", "$sha256$"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
  const std::string with = done("export", "", {{"with-verifiers", {""}}}).text;
  EXPECT_NE(with.find("verifier = \"$sha256$00\"\n"), std::string::npos);
  EXPECT_NE(with.find("digest = \"" + std::string(64, '0') + "\"\n"), std::string::npos);
  EXPECT_TRUE(with.starts_with("# ")) << "and says that it is to be kept secret";
  EXPECT_NE(with.find("keep it secret"), std::string::npos);
}

TEST_F(DocumentText, IsTheSameInJson) {
  subscribe();
  const std::string json = document_json(done("export").text);
  EXPECT_TRUE(json.starts_with("{\"format\":1,\"account\":[{\"id\":\"")) << json;
  for (const char* part :
       {"\"name\":\"Acme\",\"status\":\"active\",\"time_zone\":\"UTC\"", "\"default\":true",
        "\"opens\":[{\"what\":\"messaging:*\",", "\"priority\":0,\"needs_review\":false"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << "\nin\n" << json;
  }
}

TEST_F(DocumentText, EveryLimitIsWrittenAndReadBack) {
  done("account create", "Acme");
  done("account update", "Acme", {{"window", {"900/1m"}}});
  done("plan create", "Gold",
       {{"open", {"messaging:* window=5/2s concurrency=2"}},
        {"window", {"500/10m", "20000/1h"}},
        {"quota", {"100"}},
        {"quota-period", {"month"}},
        {"quota-anchor", {"5"}},
        {"quota-zone", {"Europe/Rome"}},
        {"concurrency", {"3"}},
        {"shadow-rate", {"7"}}});
  const std::string text = done("export").text;
  for (const char* part :
       {"rate_windows = [\"900/1m\"]\n", "rate_windows = [\"500/10m\", \"20000/1h\"]\n",
        "quota_anchor = 5\nquota_time_zone = \"Europe/Rome\"\nconcurrency = 3\n",
        "shadow = { rate_per_second = 7, ", "rate_windows = [\"5/2s\"], "}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
  const Plan before = *commands->model().plan("Gold");
  done("plan update", "Gold",
       {{"window", {"unlimited"}}, {"quota-anchor", {"1"}}, {"concurrency", {"unlimited"}}});
  const auto applied = run("apply", "x.toml", {}, {{"document", text}});
  ASSERT_EQ(applied.exit_code, kDone) << applied.error;
  const Plan after = *commands->model().plan("Gold");
  EXPECT_EQ(after.limits, before.limits);
  EXPECT_EQ(after.shadow, before.shadow);
  EXPECT_EQ(after.opens[0].own, before.opens[0].own);
  EXPECT_EQ(done("export").text, text);
}

TEST_F(DocumentText, AReferenceIsByNameOnlyWhenTheNameSaysWhich) {
  done("account create", "Acme");
  done("account create", "Other");
  done("application create", "App", {{"account", {"Acme"}}});
  done("application create", "App", {{"account", {"Other"}}});
  done("role create", "reader", {{"account", {"Acme"}}});
  const std::string shared = member(done("role create", "reader"), "id");
  User user;
  user.account = commands->model().account("Acme")->id;
  user.username = "jane";
  user.roles = {{*RoleId::parse(shared), {}}};
  const TomlFields of_user = toml_fields(user, commands->model(), false);
  EXPECT_EQ(of_user.at(3).first, "roles");
  EXPECT_EQ(of_user.at(3).second, "[\"" + shared + "\"]") << "the account has one so named";
  done("plan create", "Gold", {{"open", {"messaging:*"}}});
  const Application app = *commands->model().applications.all().front();
  Subscription subscription;
  subscription.application = app.id;
  EXPECT_EQ(toml_fields(subscription, commands->model(), false).front().second,
            "\"" + app.id.hex() + "\"");
}

}  // namespace
}  // namespace sallyport::admin
