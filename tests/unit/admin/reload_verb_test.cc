#include <gtest/gtest.h>

#include "admin/commands.h"
#include "support/memory_entity_store.h"

namespace sallyport::admin {
namespace {

class ReloadVerb : public testing::Test {
 protected:
  CommandReply run() {
    services.clock = &clock;
    services.random = &random;
    const auto commands = *Commands::open(store, services);
    return commands->execute({{"reload", ""}, {}, {}, "uid 0"});
  }
  test::MemoryEntityStore store;
  ManualClock clock;
  SeededRandom random{1};
  CommandServices services;
};

TEST_F(ReloadVerb, SaysWhatIsInForceAndWhatIsNot) {
  services.reload = []() -> Result<ReloadReport> {
    return ReloadReport{7, {"listener[0].port: 1 -> 2"}};
  };
  const CommandReply reply = run();
  EXPECT_EQ(reply.exit_code, kDone);
  EXPECT_EQ(reply.text, "generation 7 is in force\ntakes a restart: listener[0].port: 1 -> 2\n");
  EXPECT_EQ(reply.json, "{\"generation\":7,\"takes_restart\":[\"listener[0].port: 1 -> 2\"]}");
}

TEST_F(ReloadVerb, RefusesWithEveryProblem) {
  services.reload = []() -> Result<ReloadReport> { return fail(ErrorKind::Invalid, "a\nb"); };
  const CommandReply reply = run();
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, "a\nb");
}

TEST_F(ReloadVerb, NeedsAServer) { EXPECT_EQ(run().exit_code, kRefused); }

}  // namespace
}  // namespace sallyport::admin
