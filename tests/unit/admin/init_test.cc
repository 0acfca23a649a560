#include "admin/init.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sallyport::admin {
namespace {

namespace fs = std::filesystem;

// Notes what was applied; can be told to fail.
class NotedStore final : public auth::EntityStore {
 public:
  NotedStore(int* applied, bool away) : applied_(applied), away_(away) {}
  Result<Entities> load() override { return Entities{}; }
  Result<Entities> load_few() override { return Entities{}; }
  Result<void> each_key(std::optional<SubscriptionId>,
                        const std::function<void(const ApiKey&)>&) override {
    return {};
  }
  Result<void> each_user(const std::function<void(const User&)>&) override { return {}; }
  Result<std::optional<ApiKey>> key(KeyId) override { return std::nullopt; }
  Result<std::optional<User>> user(UserId) override { return std::nullopt; }
  Result<std::optional<KeyId>> find_key(const Digest&) override { return std::nullopt; }
  Result<std::optional<UserId>> find_user(AccountId, const std::string&) override {
    return std::nullopt;
  }
  Result<void> touch_keys(const std::vector<auth::KeyUse>&) override { return {}; }
  Result<void> apply(const Change& change) override {
    if (away_) return fail(ErrorKind::Unavailable, "disk full");
    *applied_ += static_cast<int>(change.put.size());
    return {};
  }
  Result<std::vector<auth::AuditRow>> audit_rows(std::int64_t) override {
    return std::vector<auth::AuditRow>{};
  }
  Result<void> check(const Change&) override { return {}; }
  Result<auth::AuditVerdict> verify_audit(const std::string&) override {
    return auth::AuditVerdict{};
  }
  Result<std::string> sign_audit_head(std::int64_t) override { return std::string(); }

 private:
  int* applied_;
  bool away_;
};

class InitTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(root_); }
  void TearDown() override { fs::remove_all(root_); }
  Result<void> make(const std::string& directory, bool demo) {
    return init(
        {directory, demo},
        [this](const std::string& path, Secret key) -> Result<std::unique_ptr<auth::EntityStore>> {
          EXPECT_EQ(key.size(), 32U);
          std::ofstream(path) << "store";
          return std::unique_ptr<auth::EntityStore>(new NotedStore(&applied_, away_));
        },
        clock_, random_);
  }
  const std::string root_ = testing::TempDir() + std::to_string(::getpid()) + "-init_test";
  const std::string directory_ = root_ + "/deep/data";
  ManualClock clock_;
  SeededRandom random_{3};
  int applied_ = 0;
  bool away_ = false;
};

TEST_F(InitTest, MakesADemo) {
  const auto made = make(directory_, true);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_GE(applied_, 10);
  for (const char* name :
       {"sallyport.toml", "sallyport.db", "secrets/store.key", "secrets/audit.key",
        "secrets/demo.sealed", "tls/ca.pem", "tls/server.pem", "tls/server.key"}) {
    EXPECT_TRUE(fs::exists(directory_ + "/" + name)) << name;
  }
  EXPECT_EQ(fs::status(directory_).permissions() & fs::perms::mask, fs::perms::owner_all);
  EXPECT_EQ(std::distance(fs::directory_iterator(root_ + "/deep"), fs::directory_iterator{}), 1)
      << "nothing is left beside it";
  const auto again = make(directory_, true);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
}

TEST_F(InitTest, WithoutADemoThereAreNoEntities) {
  ASSERT_TRUE(make(directory_, false));
  EXPECT_EQ(applied_, 0);
  EXPECT_FALSE(fs::exists(directory_ + "/secrets/demo.sealed"));
  EXPECT_TRUE(fs::exists(directory_ + "/sallyport.toml"));
}

TEST_F(InitTest, AFailureLeavesNothing) {
  away_ = true;
  const auto made = make(directory_, true);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "disk full");
  EXPECT_TRUE(fs::is_empty(root_ + "/deep"));
}

TEST_F(InitTest, SomebodyElsesFolderIsLeftAlone) {
  fs::create_directories(directory_);
  std::ofstream(directory_ + "/precious") << "x";
  const auto made = make(directory_, true);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("not empty"), std::string::npos);
  EXPECT_TRUE(fs::exists(directory_ + "/precious"));
  fs::remove(directory_ + "/precious");
  EXPECT_TRUE(make(directory_, false)) << "an empty folder will do";
}

}  // namespace
}  // namespace sallyport::admin
