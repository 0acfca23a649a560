#include "server/user_upkeep.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "auth/password_hash.h"
#include "support/memory_entity_store.h"

namespace sallyport::server {
namespace {

constexpr auth::Argon2Cost kCheap{64, 1, 1};

class FakeFamiliarStore final : public auth::FamiliarStore {
 public:
  Result<std::vector<auth::SourceSeen>> load_sources(std::int64_t) override {
    return std::vector<auth::SourceSeen>{};
  }
  Result<void> save_sources(const std::vector<auth::SourceSeen>& rows, std::int64_t) override {
    saved.insert(saved.end(), rows.begin(), rows.end());
    return {};
  }
  std::vector<auth::SourceSeen> saved;
};

class UserUpkeepTest : public testing::Test {
 protected:
  UserUpkeepTest() {
    user_.id = UserId{1};
    user_.account = AccountId{2};
    user_.username = "jane";
    user_.verifier = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
    user_.must_change = true;
    user_.security_version = 5;
    Change change;
    Account account;
    account.id = AccountId{2};
    change.put = {account, user_};
    EXPECT_TRUE(store_.apply(change));
    directory_.load(*store_.load());
    admin::CommandServices services;
    services.clock = &clock_;
    services.random = &random_;
    commands_ = *admin::Commands::open(store_, std::move(services));
    commands_->on_change([this](const Change& one) { directory_.apply(one); });
  }
  Result<void> keep(std::uint64_t version) {
    std::promise<Result<void>> kept;
    upkeep_.keep({UserId{1}, version, "$argon2id$new"},
                 [&kept](Result<void> result) { kept.set_value(std::move(result)); });
    return kept.get_future().get();
  }
  User stored() { return *commands_->model().users.find(UserId{1}); }

  ManualClock clock_;
  SeededRandom random_{1};
  ImmediateReclaimer reclaimer_;
  auth::Directory directory_{reclaimer_};
  test::MemoryEntityStore store_;
  FakeFamiliarStore familiar_;
  auth::FamiliarSources sources_{clock_};
  User user_;
  std::mutex mutex_;
  std::unique_ptr<admin::Commands> commands_;
  UserUpkeep upkeep_{directory_, sources_, familiar_, clock_};
};

TEST_F(UserUpkeepTest, ANewPasswordIsStoredAndInForce) {
  upkeep_.start(*commands_, mutex_);
  ASSERT_TRUE(keep(5));
  EXPECT_EQ(stored().verifier, "$argon2id$new");
  EXPECT_EQ(stored().security_version, 6U);
  EXPECT_FALSE(stored().must_change);
  EXPECT_EQ(directory_.find_user(UserId{1})->verifier(), "$argon2id$new");
  EXPECT_EQ(store_.changes.back().audit.action, "user.password");
  EXPECT_EQ(store_.changes.back().events.at(0).kind, "user.password_changed");
}

TEST_F(UserUpkeepTest, NotOverAChangeThatCameMeanwhile) {
  upkeep_.start(*commands_, mutex_);
  const auto kept = keep(4);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(stored().security_version, 5U);
}

TEST_F(UserUpkeepTest, AStoreThatIsAwayIsTold) {
  upkeep_.start(*commands_, mutex_);
  store_.away = true;
  ASSERT_FALSE(keep(5));
  EXPECT_TRUE(stored().must_change);
}

TEST_F(UserUpkeepTest, APasswordHashedAnewStaysProven) {
  const auth::Proof proof{3, 4};
  const std::string better = *auth::hash_password("correct horse", kCheap, random_);
  upkeep_.upgrade({UserId{1}, proof, user_.verifier, better});
  upkeep_.upgrade({UserId{1}, proof, "what it was before", "$x"});
  upkeep_.upgrade({UserId{9}, proof, user_.verifier, better});
  upkeep_.start(*commands_, mutex_);
  upkeep_.stop();
  EXPECT_EQ(stored().verifier, better);
  EXPECT_EQ(stored().security_version, 5U) << "the same password: nothing ends";
  EXPECT_TRUE(directory_.find_user(UserId{1})->is_proven(proof));
  EXPECT_EQ(store_.changes.size(), 2U) << "the first one, and one for all";
}

TEST_F(UserUpkeepTest, WhereUsersWereSeenIsKept) {
  upkeep_.start(*commands_, mutex_);
  sources_.note(UserId{1}, 77);
  upkeep_.stop();
  ASSERT_EQ(familiar_.saved.size(), 1U);
  EXPECT_EQ(familiar_.saved[0].source, 77U);
  EXPECT_EQ(familiar_.saved[0].seen_us, clock_.unix_us());
}

TEST_F(UserUpkeepTest, AfterTheStopNothingIsTaken) {
  upkeep_.start(*commands_, mutex_);
  upkeep_.stop();
  const auto kept = keep(5);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace sallyport::server
