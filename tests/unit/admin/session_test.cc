#include "admin/session.h"

#include "admin/socket.h"
#include "support/command_line.h"

namespace sallyport::admin {
namespace {

class SessionTest : public test::CommandLineFixture {
 protected:
  static CommandRequest ask(const std::string& name) {
    return {{"account", "create", name}, {}, {}, ""};
  }
};

TEST_F(SessionTest, GoesToTheServerThatAnswersAndToNobodyElseAfterwards) {
  init();
  Session session(directory, composition.open_store);
  {
    const auto server = AdminSocket::open(
        directory, [](const CommandRequest&) { return CommandReply{kDone, "served", "", ""}; });
    ASSERT_TRUE(server) << server.error().message;
    EXPECT_EQ(session.execute(ask("Acme")).text, "served");
  }
  EXPECT_EQ(session.execute(ask("Acme")).error, "the server has gone");
  EXPECT_TRUE(store.changes.empty()) << "one writer, not two";
}

TEST_F(SessionTest, WithoutOneItWorksInProcessUnderOneLock) {
  init();
  Session session(directory, composition.open_store);
  EXPECT_EQ(session.execute(ask("Acme")).exit_code, kDone);
  locked = true;  // nobody asks for the lock again
  EXPECT_EQ(session.execute(ask("Second")).exit_code, kDone);
  EXPECT_EQ(store.changes.size(), 2U);
}

}  // namespace
}  // namespace sallyport::admin
