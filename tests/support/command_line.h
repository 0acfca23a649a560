// A data directory made by `init` with a store in memory behind it, for tests of the command line
// and of what runs without a server. One thread.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "admin/cli.h"
#include "support/memory_entity_store.h"

namespace sallyport::test {

class CommandLineFixture : public testing::Test,
                           public limit::QuotaStore,
                           public limit::UsageStore {
 protected:
  CommandLineFixture() {
    std::filesystem::remove_all(directory);
    composition.serve = [this](const admin::ServeFlags& flags) {
      served = flags;
      return 42;
    };
    composition.open_store = [this](const std::string&, Secret key) {
      return open(std::move(key));
    };
    composition.create_store = [](const std::string&,
                                  Secret) -> Result<std::unique_ptr<auth::EntityStore>> {
      return std::make_unique<MemoryEntityStore>();
    };
  }
  ~CommandLineFixture() override { std::filesystem::remove_all(directory); }

  // Runs a command line; `--data` is added when `with_data`.
  int run(std::vector<std::string> arguments, bool with_data = true) {
    out.str("");
    err.str("");
    if (with_data) {
      arguments.emplace_back("--data");
      arguments.push_back(directory);
    }
    return admin::run_cli(arguments, composition,
                          {out, err,
                           [this](const std::string& what, bool) -> Result<std::string> {
                             asked_for += what + ";";
                             if (typed.empty()) return fail(ErrorKind::Invalid, "nothing typed");
                             return typed;
                           },
                           in});
  }
  void init() { ASSERT_EQ(run({"init"}), admin::kDone) << err.str(); }

  Result<std::vector<limit::QuotaMark>> load_quota_marks() override {
    return std::vector<limit::QuotaMark>{};
  }
  void raise_quota_mark(limit::QuotaMark, std::move_only_function<void(Result<void>)>) override {}
  Result<void> settle_quota_marks(const std::vector<limit::QuotaMark>&) override { return {}; }
  void add_usage(std::vector<limit::UsageRow>,
                 std::move_only_function<void(Result<void>)>) override {}
  Result<std::vector<limit::UsageRow>> usage(const limit::UsageQuery&) override {
    return std::vector<limit::UsageRow>{};
  }

  const std::string directory =
      testing::TempDir() + std::to_string(::getpid()) + "-command_line_test/data";
  admin::Composition composition;
  MemoryEntityStore store;
  bool locked = false;  // by another process
  admin::ServeFlags served;
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  std::string typed;
  std::string asked_for;

 private:
  struct Locked final : admin::LockedStore {
    explicit Locked(CommandLineFixture& owner) : owner_(owner) {}
    auth::EntityStore& entities() override { return owner_.store; }
    limit::QuotaStore& quotas() override { return owner_; }
    limit::UsageStore& usage() override { return owner_; }
    CommandLineFixture& owner_;
  };
  Result<std::unique_ptr<admin::LockedStore>> open(Secret key) {
    EXPECT_EQ(key.size(), 32U);
    if (locked) return fail(ErrorKind::Conflict, "the lock is held by process 17");
    return std::make_unique<Locked>(*this);
  }
};

}  // namespace sallyport::test
