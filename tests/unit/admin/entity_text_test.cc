#include "admin/entity_text.h"

#include <gtest/gtest.h>

namespace sallyport::admin {
namespace {

TEST(EntityText, NoDigestAndNoVerifierBecomesAField) {
  ApiKey key;
  key.digest.fill(0xAB);
  User user;
  user.verifier = "$argon2id$canary";
  for (const Fields& fields : {describe(key, Model()), describe(user, Model())}) {
    const std::string all = to_json(fields) + to_lines(fields) + to_table({fields});
    EXPECT_EQ(all.find("abab"), std::string::npos);
    EXPECT_EQ(all.find("canary"), std::string::npos);
    for (const Field& field : fields) {
      EXPECT_NE(field.name, "digest");
      EXPECT_NE(field.name, "verifier");
    }
  }
}

TEST(EntityText, ProgramsGetIdsAndPeopleNames) {
  Model model;
  const Account account{AccountId{0xA}, "Acme \"Ltd\"", Status::Active, "UTC", 1'000'000, false};
  model.put(account);
  Application application;
  application.id = ApplicationId{0xB};
  application.account = account.id;
  application.name = "App";
  const Fields fields = describe(application, model);
  EXPECT_NE(to_lines(fields).find("Acme \"Ltd\""), std::string::npos);
  EXPECT_NE(to_json(fields).find("\"account\":\"000000000000000A\""), std::string::npos);
  EXPECT_NE(to_json(describe(account, model)).find("\"name\":\"Acme \\\"Ltd\\\"\""),
            std::string::npos);
  EXPECT_NE(to_json(describe(account, model)).find("\"created\":\"1970-01-01T00:00:01Z\""),
            std::string::npos);
}

TEST(EntityText, LimitsThatAreNotSetAreNull) {
  Plan plan;
  plan.limits.rate_per_second = 0;
  const std::string json = to_json(describe(plan, Model()));
  EXPECT_NE(json.find("\"rate_per_second\":0,\"burst\":null,\"rate_windows\":[],\"quota\":null"),
            std::string::npos)
      << json;
}

TEST(EntityText, ATableIsAlignedByCharacters) {
  const auto row = [](std::string name, std::string text) {
    return Fields{{"id", "1", "1", true},
                  {"name", std::move(name), "", true},
                  {"hidden", "x", "", false},
                  {"note", std::move(text), "", true}};
  };
  EXPECT_EQ(to_table({row("J\xc3\xbcrgen", ""), row("Al", "last")}),
            "id  name    note\n"
            "1   J\xc3\xbcrgen  -\n"
            "1   Al      last\n");
  EXPECT_EQ(to_table({}), "none\n");
  EXPECT_EQ(to_json_array({}), "[]");
}

TEST(MatchText, CanBeTypedInAgain) {
  EXPECT_EQ(match_text({"messaging", "messages.create", {}, ""}), "messaging:messages.create");
  EXPECT_EQ(match_text({"*", "", {"GET", "POST"}, "/x/**"}), "* GET,POST /x/**");
}

}  // namespace
}  // namespace sallyport::admin
