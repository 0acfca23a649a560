#include "admin/cli.h"

#include <cstdlib>
#include <fstream>

#include "admin/socket.h"
#include "admin/verbs.h"
#include "support/command_line.h"
#include "support/golden.h"

namespace sallyport::admin {
namespace {

class Cli : public test::CommandLineFixture {
 protected:
  Cli() { ::unsetenv("SALLYPORT_DATA"); }
};

TEST_F(Cli, HelpIsWordForWord) {
  ASSERT_EQ(run({"--help"}, false), kDone);
  test::expect_golden("cli/sallyport.txt", out.str());
  for (const char* verb : {"serve", "check", "init", "version"}) {
    ASSERT_EQ(run({verb, "--help"}, false), kDone);
    test::expect_golden(std::string("cli/") + verb + ".txt", out.str());
  }
  for (const VerbInfo& verb : entity_verbs()) {
    const std::string name(verb.name);
    ASSERT_EQ(run({name, "--help"}, false), kDone);
    std::string text = out.str();
    for (const ActionInfo& action : actions()) {
      if (action.verb != verb.name || action.action.empty()) continue;
      ASSERT_EQ(run({name, std::string(action.action), "--help"}, false), kDone);
      text += "\n" + out.str();
    }
    test::expect_golden("cli/" + name + ".txt", text);
  }
}

// In a man page '-' is written "\\-".
std::string in_man(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '-' ? "\\-" : std::string(1, c);
  return out;
}

TEST(ManPage, NamesEveryVerbActionAndOption) {
  const std::string page =
      test::read_text(std::string(SALLYPORT_TEST_SOURCE_DIR) + "/docs/man/sallyport.1");
  for (const VerbInfo& verb : entity_verbs()) {
    EXPECT_NE(page.find(".SS " + std::string(verb.name) + "\n"), std::string::npos) << verb.name;
  }
  for (const std::string_view verb : reserved_verbs()) {
    EXPECT_NE(page.find(verb), std::string::npos) << verb;
  }
  for (const ActionInfo& action : actions()) {
    std::string words(action.verb);
    if (!action.action.empty()) words += " " + std::string(action.action);
    const std::size_t start = page.find(".BI \"" + in_man(words) + "\"");
    ASSERT_NE(start, std::string::npos) << words;
    const std::string block = page.substr(
        start, std::min(page.find("\n.TP\n.BI \"", start), page.find("\n.SS", start)) - start);
    EXPECT_NE(block.find(in_man(action.help)), std::string::npos) << words;
    for (const OptionInfo& option : action.options) {
      EXPECT_NE(block.find(in_man("--" + std::string(option.name))), std::string::npos)
          << words << " --" << option.name;
      EXPECT_NE(block.find(in_man(option.help)), std::string::npos) << words << " " << option.name;
    }
  }
}

TEST_F(Cli, BadUsageExitsWith2) {
  const struct {
    std::vector<std::string> arguments;
    const char* error;
  } cases[] = {
      {{}, "sallyport: which verb? `sallyport --help` lists them\n"},
      {{"frobnicate"},
       "sallyport: there is no verb \"frobnicate\"; `sallyport --help` lists them\n"},
      {{"acount", "list"},
       "sallyport: there is no verb \"acount\", perhaps \"account\"; `sallyport --help` lists "
       "them\n"},
      {{"key"}, "sallyport: which action? `sallyport key --help` lists them\n"},
      {{"key", "show"}, "sallyport: KEY-ID is required\n"},
      {{"key", "create"}, "sallyport: --subscription is required\n"},
      {{"account", "list"},
       "sallyport: the data directory is missing: give --data DIR or set SALLYPORT_DATA\n"},
      {{"serve"},
       "sallyport: the data directory is missing: give --data DIR or set SALLYPORT_DATA\n"},
      {{"account", "list", "--all"}, "sallyport: The following argument was not expected: --all\n"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(run(one.arguments, false), kBadUsage) << one.error;
    EXPECT_EQ(err.str(), one.error);
    EXPECT_EQ(out.str(), "");
  }
  EXPECT_EQ(run({"serve", "--port", "70000"}), kBadUsage);
  EXPECT_EQ(run({"serve", "--port", "many"}), kBadUsage);
}

TEST_F(Cli, ReservedVerbsSayThatTheyAreNotBuilt) {
  for (const std::string_view verb : reserved_verbs()) {
    EXPECT_EQ(run({std::string(verb), "list", "--whatever"}, false), kRefused);
    EXPECT_EQ(err.str(), "sallyport " + std::string(verb) + ": not built yet\n");
  }
}

TEST_F(Cli, VersionIsSaid) {
  EXPECT_EQ(run({"version"}, false), kDone);
  EXPECT_EQ(out.str(), "sallyport 0.1.0\n");
}

TEST_F(Cli, ServeGetsItsFlags) {
  EXPECT_EQ(run({"serve", "--port", "0", "--plain-port", "8080"}), 42);
  EXPECT_EQ(served.data_directory, directory);
  EXPECT_EQ(served.port, 0);
  EXPECT_EQ(served.plain_port, 8080);
  EXPECT_EQ(served.metrics_port, std::nullopt);
}

TEST_F(Cli, TheDirectoryMayComeFromTheEnvironment) {
  init();
  ::setenv("SALLYPORT_DATA", directory.c_str(), 1);
  EXPECT_EQ(run({"account", "list"}, false), kDone) << err.str();
  ::unsetenv("SALLYPORT_DATA");
  EXPECT_EQ(out.str(), "none\n");
}

TEST_F(Cli, InitTwiceIsRefused) {
  init();
  EXPECT_EQ(run({"init"}), kRefused);
  EXPECT_EQ(err.str(),
            "sallyport: " + directory + " is initialised already; nothing was changed\n");
}

TEST_F(Cli, CheckNamesEveryProblem) {
  init();
  std::ofstream(directory + "/sallyport.toml", std::ios::app) << "\n[limts]\n[access_logg]\n";
  EXPECT_EQ(run({"check", "-c", directory + "/sallyport.toml"}, false), kRefused);
  EXPECT_NE(err.str().find("the nearest known table is \"limits\""), std::string::npos);
  EXPECT_NE(err.str().find("the nearest known table is \"access_log\""), std::string::npos);
  EXPECT_EQ(out.str(), "");
}

TEST_F(Cli, EntityVerbsRunInProcessWithoutAServer) {
  init();
  EXPECT_EQ(run({"account", "create", "Acme", "--time-zone", "Europe/Rome"}), kDone) << err.str();
  EXPECT_EQ(run({"account", "show", "Acme"}), kDone);
  EXPECT_NE(out.str().find("time_zone  Europe/Rome\n"), std::string::npos) << out.str();
  EXPECT_EQ(run({"account", "list", "--json"}), kDone);
  EXPECT_EQ(out.str().find("[{\"id\":\""), 0U) << out.str();
  EXPECT_EQ(run({"account", "create", "Acme"}), kRefused);
  EXPECT_EQ(err.str(), "sallyport: an account is named \"Acme\" already\n");
}

TEST_F(Cli, OptionsMayBeRepeatedWithoutTakingWhatFollows) {
  init();
  ASSERT_EQ(run({"role", "create", "--allow", "messaging:root.show", "--allow",
                 "messaging GET /messages", "reader"}),
            kDone)
      << err.str();
  const auto role = std::get<Role>(store.changes.back().put[0]);
  EXPECT_EQ(role.name, "reader");
  EXPECT_EQ(role.permissions.size(), 2U);
  EXPECT_EQ(run({"plan", "create", "P", "--rate", "1", "--rate", "2"}), kBadUsage);
}

TEST_F(Cli, PasswordsAreAskedForAndNeverArguments) {
  init();
  run({"account", "create", "Acme"});
  EXPECT_EQ(run({"user", "add", "jane", "--account", "Acme", "correct horse"}), kBadUsage);
  EXPECT_EQ(asked_for, "");
  EXPECT_EQ(run({"user", "add", "jane", "--account", "Acme"}), kRefused);
  EXPECT_EQ(err.str(), "sallyport: nothing typed\n");
  typed = "correct horse";
  EXPECT_EQ(run({"user", "add", "jane", "--account", "Acme"}), kDone) << err.str();
  EXPECT_EQ(asked_for, "password;password;");
  asked_for.clear();
  EXPECT_EQ(run({"user", "add", "bob", "--account", "Acme", "--generate"}), kDone);
  EXPECT_EQ(asked_for, "") << "it is made, not asked for";
  EXPECT_EQ(run({"explain", "--method", "GET", "--host", "h", "--path", "/", "--key-stdin"}), kDone)
      << err.str();
  EXPECT_EQ(asked_for, "key;");
}

TEST_F(Cli, WithAServerTheSocketAnswers) {
  init();
  const auto server = AdminSocket::open(directory, [](const CommandRequest& request) {
    return CommandReply{7, "from the server: " + request.words.at(1) + "\n", "{}", "why"};
  });
  ASSERT_TRUE(server) << server.error().message;
  EXPECT_EQ(run({"account", "list"}), 7);
  EXPECT_EQ(out.str(), "from the server: list\n");
  EXPECT_EQ(err.str(), "sallyport: why\n");
  EXPECT_EQ(run({"account", "list", "--json"}), 7);
  EXPECT_EQ(out.str(), "{}\n");
}

TEST_F(Cli, KeysAreReadFromStandardInputAndFiles) {
  init();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"account", "create", "Acme"},
           {"plan", "create", "Gold", "--open", "messaging:*"},
           {"application", "create", "App", "--account", "Acme"},
           {"subscription", "create", "--application", "App", "--plan", "Gold"}}) {
    ASSERT_EQ(run(words), kDone) << err.str();
  }
  in.str("an-old-key-of-ours-0001\nshort\n");
  EXPECT_EQ(run({"key", "import", "-", "--subscription", "App"}), kRefused);
  EXPECT_EQ(out.str(), "1 imported, 0 already there, 1 refused\n");
  EXPECT_EQ(err.str(), "line 2: an API key has at least 16 bytes\n");
  const std::string file = directory + "/keys.jsonl";
  std::ofstream(file) << "{\"key\":\"an-old-key-of-ours-0001\",\"application\":\"App\"}\n";
  EXPECT_EQ(run({"key", "import", file, "--json"}), kDone);
  EXPECT_EQ(out.str(), "{\"imported\":0,\"already_there\":1,\"weak\":0,\"refused\":[]}\n");
  EXPECT_EQ(run({"key", "import", directory + "/nothing"}), kRefused);
  EXPECT_EQ(err.str(), "sallyport: " + directory + "/nothing cannot be read\n");
  EXPECT_EQ(run({"key", "import", file, "--format", "xml"}), kBadUsage);
  EXPECT_EQ(run({"key", "import", directory, "--subscription", "App"}), kRefused);
  EXPECT_EQ(err.str(), "sallyport: " + directory + " is a directory\n");
  EXPECT_EQ(run({"apply", directory}), kRefused);
  EXPECT_EQ(err.str(), "sallyport: " + directory + " is a directory\n");
  EXPECT_EQ(run({"key", "revoke", "X", "--ids", file}), kBadUsage);
  EXPECT_EQ(run({"key", "revoke", "--account", "Acme", "--ids", file}), kBadUsage);
  EXPECT_EQ(err.str(), "sallyport: give --ids or --account, not both\n");
  EXPECT_EQ(run({"export", "--json"}), kDone);
  EXPECT_TRUE(out.str().starts_with("{\"format\":1,")) << out.str();
  EXPECT_EQ(run({"key", "revoke"}), kBadUsage);
}

}  // namespace
}  // namespace sallyport::admin
