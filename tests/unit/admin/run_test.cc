#include "admin/run.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

using CommandRun = Run;  // testing::Test has a Run of its own

// Names, limits, matches and times are shown through the verbs that read them; here is the order of
// refusals and what commit() answers.
class RunTest : public testing::Test {
 protected:
  CommandRun make() {
    services_.clock = &clock_;
    services_.random = &random_;
    return {request_, model_, services_, store_, [this](Change change) -> Result<void> {
              committed_ = std::move(change);
              if (away_) return fail(ErrorKind::Unavailable, "away");
              return {};
            }};
  }
  CommandRequest request_{{"key", "create", "X"}, {{"note", {"a", "b"}}}, {{"key", "s"}}, "uid 1"};
  Model model_;
  CommandServices services_;
  ManualClock clock_;
  SeededRandom random_{1};
  test::MemoryEntityStore store_;
  Change committed_;
  bool away_ = false;
};

TEST_F(RunTest, ReadsWordsOptionsAndSecrets) {
  const CommandRun run = make();
  EXPECT_EQ(run.subject(), "X");
  EXPECT_EQ(run.one("note"), "b") << "the last one counts";
  EXPECT_EQ(run.all("note").size(), 2U);
  EXPECT_FALSE(run.has("absent"));
  EXPECT_EQ(run.one("absent"), "");
  EXPECT_EQ(run.secret("key"), "s");
  EXPECT_EQ(run.secret("password"), std::nullopt);
}

TEST_F(RunTest, TheFirstRefusalIsTold) {
  CommandRun run = make();
  EXPECT_FALSE(run.failed());
  EXPECT_EQ(run.take(Result<int>(7)), 7);
  EXPECT_EQ(run.take(Result<int>(fail(ErrorKind::NotFound, "first"))), 0);
  run.bad_usage("second");
  EXPECT_TRUE(run.failed());
  EXPECT_EQ(run.refusal().error, "first");
  EXPECT_EQ(run.refusal().exit_code, kRefused);
  CommandRun other = make();
  other.bad_usage("usage");
  EXPECT_EQ(other.refusal().exit_code, kBadUsage);
}

TEST_F(RunTest, CommitTellsWhatWentWrong) {
  CommandRun run = make();
  Change change;
  change.audit.subject = "key 1";
  EXPECT_FALSE(run.commit(change));
  EXPECT_EQ(committed_.audit.subject, "key 1");
  away_ = true;
  const auto reply = run.commit(change);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->exit_code, kRefused);
  EXPECT_EQ(reply->error, "away");
}

TEST_F(RunTest, AMatchWithoutKnownNamesIsTakenAsItIs) {
  CommandRun run = make();
  EXPECT_EQ(run.match("any"), (Match{"any", "*", {}, ""}));
  EXPECT_EQ(run.match("any:x.y"), (Match{"any", "x.y", {}, ""}));
  EXPECT_EQ(run.match("* GET,PUT /x"), (Match{"*", "", {"GET", "PUT"}, "/x"}));
  EXPECT_FALSE(run.failed());
}

}  // namespace
}  // namespace sallyport::admin
