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
