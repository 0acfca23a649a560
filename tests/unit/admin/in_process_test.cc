#include "admin/in_process.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "support/command_line.h"

namespace sallyport::admin {
namespace {

class InProcess : public test::CommandLineFixture {
 protected:
  CommandReply execute(std::vector<std::string> words) {
    return run_in_process(directory, {std::move(words), {}, {}, "whoever"}, composition.open_store);
  }
};

TEST_F(InProcess, ACommandIsCarriedOutUnderTheLock) {
  init();
  const CommandReply reply = execute({"account", "create", "Acme"});
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  ASSERT_EQ(store.changes.size(), 1U);
  EXPECT_EQ(store.changes[0].audit.actor, "uid " + std::to_string(::geteuid()));
}

TEST_F(InProcess, WithoutAnInstallationItSaysHowToMakeOne) {
  EXPECT_EQ(execute({"account", "list"}).error, "there is no " + directory +
                                                    "/sallyport.toml; `sallyport init --data " +
                                                    directory + "` makes one");
}

TEST_F(InProcess, ALockWithoutAnAnswerIsExplained) {
  init();
  locked = true;
  const CommandReply reply = execute({"account", "list"});
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error,
            "the lock is held by process 17; but nobody answers at " + directory + "/admin.sock");
}

TEST_F(InProcess, OpenSecretsAreRefused) {
  init();
  ASSERT_EQ(::chmod((directory + "/secrets").c_str(), 0755), 0);
  const CommandReply reply = execute({"account", "list"});
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_NE(reply.error.find("/secrets"), std::string::npos) << reply.error;
}

TEST_F(InProcess, ABadConfigurationIsTold) {
  init();
  std::ofstream(directory + "/sallyport.toml", std::ios::app) << "\n[limts]\n";
  EXPECT_NE(execute({"account", "list"}).error.find("unknown table \"limts\""), std::string::npos);
}

}  // namespace
}  // namespace sallyport::admin
