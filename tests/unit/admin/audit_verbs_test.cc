#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class AuditVerbs : public test::CommandFixture {};

TEST_F(AuditVerbs, ListsTheNewestFirst) {
  EXPECT_EQ(done("audit list").text, "none\n");
  done("account create", "Acme");
  done("account suspend", "Acme");
  const CommandReply all = done("audit list");
  EXPECT_LT(all.text.find("account.suspend"), all.text.find("account.create"));
  const CommandReply one = done("audit list", "", {{"limit", {"1"}}});
  EXPECT_EQ(one.text.find("account.create"), std::string::npos);
  EXPECT_NE(one.json.find("\"actor\":\"uid 7\""), std::string::npos);
  for (const char* bad : {"0", "-1", "many", "1000000"}) {
    refused("audit list", "", {{"limit", {bad}}},
            std::string("--limit must be a number from 1 to 100000, not \"") + bad + "\"");
  }
}

TEST_F(AuditVerbs, VerifiesTheChain) {
  done("account create", "Acme");
  EXPECT_EQ(done("audit verify").text, "intact: 1 rows, head 00; 1 signed heads fit\n");
  done("audit verify", "", {{"since", {"head-1"}}});
  refused("audit verify", "", {{"since", {"head-2"}}}, "no head of ours");
  store.broken = true;
  const CommandReply reply = run("audit verify");
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, "the audit log was changed: row 1 does not fit the one before it");
}

TEST(Explain, AsksTheServiceWhatTheOptionsSay) {
  test::MemoryEntityStore store;
  ManualClock clock;
  SeededRandom random(1);
  ExplainRequest asked;
  CommandServices services;
  services.clock = &clock;
  services.random = &random;
  services.explain = [&](const ExplainRequest& request) -> Result<Explanation> {
    asked = request;
    return Explanation{true, "told\n", "{}"};
  };
  const auto commands = *Commands::open(store, std::move(services));
  const CommandRequest request{{"explain", ""},
                               {{"method", {"GET"}},
                                {"host", {"localhost"}},
                                {"path", {"/x?y=1"}},
                                {"key-stdin", {""}},
                                {"user", {"jane"}}},
                               {{"key", "the key"}},
                               "uid 0"};
  const CommandReply reply = commands->execute(request);
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_EQ(reply.text, "told\n");
  EXPECT_EQ(asked.method + asked.host + asked.path, "GETlocalhost/x?y=1");
  EXPECT_EQ(asked.secret, "the key");
  EXPECT_EQ(asked.user, "jane");
  EXPECT_TRUE(store.changes.empty());
}

TEST_F(AuditVerbs, ExplainRefusesWhatIsUnknown) {
  refused("explain", "",
          {{"method", {"GET"}}, {"host", {"h"}}, {"path", {"/"}}, {"key", {"nothing"}}},
          "there is no key \"nothing\"");
  const CommandReply reply = run(
      "explain", "", {{"method", {"GET"}}, {"host", {"h"}}, {"path", {"/"}}, {"key-stdin", {""}}});
  EXPECT_EQ(reply.exit_code, kBadUsage);
  EXPECT_EQ(reply.error, "--key-stdin: no key on standard input");
}

}  // namespace
}  // namespace sallyport::admin
