// A store in memory with Commands on it, for tests of verbs: run("account create", "X", {...}).
// Hashing is replaced by something quick that can be looked at. One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "admin/commands.h"
#include "support/memory_entity_store.h"

namespace sallyport::test {

class CommandFixture : public testing::Test {
 protected:
  using Options = std::map<std::string, std::vector<std::string>>;

  CommandFixture() {
    admin::CommandServices services;
    services.hash_password = [](std::string_view password) -> Result<std::string> {
      return "hash of " + std::to_string(password.size()) + " bytes";
    };
    services.generate_key = [this](Environment) -> Result<admin::NewKey> {
      ++keys_made;
      return admin::NewKey{KeyId{keys_made}, Secret(std::string_view("sp_live_THE_KEY")), Digest{},
                           "sp_live_...KEY"};
    };
    services.generate_password = []() -> Result<admin::NewPassword> {
      return admin::NewPassword{Secret(std::string_view("made-up-password")), "$sha256$00"};
    };
    services.check_pattern = [](std::string_view pattern) -> Result<void> {
      if (pattern.starts_with('/')) return {};
      return fail(ErrorKind::Invalid, "the pattern can never match");
    };
    services.look_at_quota = [this](SubscriptionId, std::string_view,
                                    const Limits& limits) -> Result<limit::QuotaLook> {
      asked_zone = zone_name(limits.quota_zone);
      return look;
    };
    services.usage =
        [this](const limit::UsageQuery& query) -> Result<std::vector<limit::UsageRow>> {
      asked_usage = query;
      return usage;
    };
    services.apis = {"messaging"};
    services.operations = {"messages.create", "messages.list"};
    services.clock = &clock;
    services.random = &random;
    commands = *admin::Commands::open(store, std::move(services));
    commands->on_change([this](const Change& change) { in_force.push_back(change); });
  }

  // `words` are the verb and its action; `subject` what it names, "" = nothing.
  admin::CommandReply run(const std::string& words, const std::string& subject = "",
                          Options options = {}, std::map<std::string, std::string> secrets = {}) {
    admin::CommandRequest request;
    std::istringstream stream(words);
    for (std::string word; stream >> word;) request.words.push_back(word);
    if (request.words.size() == 1) request.words.emplace_back();
    if (!subject.empty()) request.words.push_back(subject);
    request.options = std::move(options);
    request.secrets = std::move(secrets);
    request.actor = "uid 7";
    return commands->execute(request);
  }
  // The same, and it must have worked.
  admin::CommandReply done(const std::string& words, const std::string& subject = "",
                           Options options = {}, std::map<std::string, std::string> secrets = {}) {
    auto reply = run(words, subject, std::move(options), std::move(secrets));
    EXPECT_EQ(reply.exit_code, admin::kDone) << words << ": " << reply.error;
    EXPECT_EQ(reply.error, "");
    return reply;
  }
  // What must be refused, with exactly this reason, and change nothing.
  void refused(const std::string& words, const std::string& subject, Options options,
               const std::string& error, std::map<std::string, std::string> secrets = {}) {
    const std::size_t before = store.changes.size();
    const auto reply = run(words, subject, std::move(options), std::move(secrets));
    EXPECT_EQ(reply.exit_code, admin::kRefused) << words << " " << subject;
    EXPECT_EQ(reply.error, error) << words << " " << subject;
    EXPECT_EQ(reply.text, "");
    EXPECT_EQ(store.changes.size(), before) << words << ": something was written";
  }
  // The value of a text member of a reply's JSON.
  static std::string member(const admin::CommandReply& reply, const std::string& name) {
    const std::string start = "\"" + name + "\":\"";
    const std::size_t at = reply.json.find(start);
    if (at == std::string::npos) return "";
    const std::size_t begin = at + start.size();
    return reply.json.substr(begin, reply.json.find('"', begin) - begin);
  }

  // An account "Acme" with application "App", plan "Gold" and a subscription, whose id is returned.
  std::string subscribe() {
    done("account create", "Acme");
    done("application create", "App", {{"account", {"Acme"}}});
    done("plan create", "Gold", {{"open", {"messaging:*"}}});
    return member(done("subscription create", "", {{"application", {"App"}}, {"plan", {"Gold"}}}),
                  "id");
  }

  ManualClock clock;
  SeededRandom random{1};
  MemoryEntityStore store;
  std::uint64_t keys_made = 0x100;
  std::unique_ptr<admin::Commands> commands;
  limit::QuotaLook look;
  std::string asked_zone;
  std::vector<limit::UsageRow> usage;
  limit::UsageQuery asked_usage;
  std::vector<Change> in_force;
};

}  // namespace sallyport::test
