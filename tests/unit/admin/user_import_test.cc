#include "admin/user_import.h"

#include "admin/json_text.h"
#include "admin/rows.h"
#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

const std::string kBcrypt = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";

class UserImport : public test::CommandFixture {
 protected:
  UserImport() {
    done("account create", "Acme");
    done("role create", "reader", {{"allow", {"messaging:messages.list"}}});
  }
  static Row row(std::int64_t line, const std::string& name, const std::string& verifier) {
    return {line, JsonObject().text("name", name).text("verifier", verifier).str()};
  }
  RowsResult import(const std::vector<Row>& rows, Options more = {}) {
    more["account"] = {"Acme"};
    const CommandReply reply =
        run("user import", "users.htpasswd", more, {{"rows", write_rows(rows)}});
    EXPECT_EQ(reply.exit_code, kDone) << reply.error;
    return *parse_rows_result(reply.json);
  }
};

TEST_F(UserImport, APieceBecomesUsersInOneChange) {
  const std::size_t before = store.changes.size();
  const RowsResult result =
      import({row(1, "jane", kBcrypt), row(2, "joe", kBcrypt)},
             {{"role", {"reader"}}, {"must-change", {""}}, {"network", {"10.0.0.0/8"}}});
  EXPECT_EQ(result.done, 2);
  EXPECT_EQ(store.changes.size(), before + 1);
  EXPECT_EQ(store.changes.back().audit.action, "user.import");
  EXPECT_EQ(store.changes.back().audit.json.find("$2y$"), std::string::npos);
  const User jane = *commands->model().user("jane");
  EXPECT_EQ(jane.verifier, kBcrypt);
  EXPECT_TRUE(jane.must_change);
  EXPECT_EQ(jane.roles.size(), 1U);
  EXPECT_EQ(jane.allowed_networks.size(), 1U);
}

TEST_F(UserImport, WhatIsThereAlreadyIsLeftAlone) {
  import({row(1, "jane", kBcrypt)});
  const std::size_t before = store.changes.size();
  const RowsResult result = import({row(1, "JANE", "$5$salt$" + std::string(43, 'x'))});
  EXPECT_EQ(result.done, 0);
  EXPECT_EQ(result.present, 1);
  EXPECT_EQ(commands->model().user("jane")->verifier, kBcrypt);
  EXPECT_EQ(store.changes.size(), before);
}

TEST_F(UserImport, RefusedRowsAreNamedAndTheOthersAreIn) {
  const RowsResult result =
      import({row(1, "jane", kBcrypt), row(2, "jane", kBcrypt), row(3, "a:b", kBcrypt),
              row(4, "joe", "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A="),
              row(5, "jim", "$sha256$" + std::string(64, 'a')), row(6, "ann", kBcrypt)});
  EXPECT_EQ(result.done, 2);
  ASSERT_EQ(result.refused.size(), 4U);
  EXPECT_EQ(result.refused[0].line, 2);
  EXPECT_EQ(result.refused[0].rule, "it has the same name as line 1");
  EXPECT_NE(result.refused[1].rule.find("colon"), std::string::npos);
  EXPECT_NE(result.refused[2].rule.find("not a kind"), std::string::npos) << "never a fast hash";
  EXPECT_NE(result.refused[3].rule.find("slow"), std::string::npos);
}

TEST_F(UserImport, AWholePieceIsRefused) {
  refused("user import", "f", {{"account", {"Nobody"}}}, "there is no account \"Nobody\"",
          {{"rows", write_rows({row(1, "jane", kBcrypt)})}});
  store.away = true;
  const CommandReply reply = run("user import", "f", {{"account", {"Acme"}}},
                                 {{"rows", write_rows({row(1, "jane", kBcrypt)})}});
  EXPECT_EQ(reply.exit_code, kRefused);
}

}  // namespace
}  // namespace sallyport::admin
