#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class DocumentVerbs : public test::CommandFixture {};

TEST_F(DocumentVerbs, OneTransactionOneAuditRow) {
  const std::string document = "[[role]]\nname = \"a\"\n[[role]]\nname = \"b\"\n";
  EXPECT_EQ(run("apply", "x.toml", {}, {{"document", document}}).exit_code, kDone);
  ASSERT_EQ(store.changes.size(), 1U);
  EXPECT_EQ(store.changes[0].put.size(), 2U);
  EXPECT_EQ(store.changes[0].events.size(), 2U);
  EXPECT_EQ(store.changes[0].events[0].kind, "role.created");
  EXPECT_EQ(store.changes[0].audit.subject, "2 entities");
  EXPECT_NE(store.changes[0].audit.json.find("\"text\":\"role \\\"a\\\"\""), std::string::npos)
      << store.changes[0].audit.json;
}

TEST_F(DocumentVerbs, AStoreThatIsAwayChangesNothing) {
  store.away = true;
  const auto reply = run("apply", "x.toml", {}, {{"document", "[[role]]\nname = \"a\"\n"}});
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, "nothing was changed: the store is away");
  EXPECT_TRUE(in_force.empty());
}

}  // namespace
}  // namespace sallyport::admin
