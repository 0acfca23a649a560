#include "server/tables.h"

#include <gtest/gtest.h>

#include "support/memory_entity_store.h"

namespace sallyport::server {
namespace {

class NoMarks final : public limit::QuotaStore {
 public:
  Result<std::vector<limit::QuotaMark>> load_quota_marks() override {
    if (away) return fail(ErrorKind::Unavailable, "disk gone");
    return std::vector<limit::QuotaMark>{};
  }
  void raise_quota_mark(limit::QuotaMark,
                        std::move_only_function<void(Result<void>)> done) override {
    done({});
  }
  Result<void> settle_quota_marks(const std::vector<limit::QuotaMark>&) override { return {}; }
  bool away = false;
};

TEST(Tables, AChangeReachesEveryTable) {
  const ManualClock clock;
  NoMarks quotas;
  test::MemoryEntityStore store;
  Tables tables(access::Catalog({"messaging"}, {"root.show"}), clock, quotas);
  Entities entities;
  Account account;
  account.id = AccountId{7};
  account.name = "A";
  account.time_zone = "Australia/Sydney";
  entities.accounts.push_back(account);
  ASSERT_TRUE(tables.load(entities, store, quotas));
  EXPECT_EQ(tables.time_zone_of(AccountId{7}), "Australia/Sydney");
  EXPECT_EQ(tables.time_zone_of(AccountId{8}), "UTC");
  EXPECT_NE(tables.thresholds.find_api("messaging"), nullptr);

  Change change;
  account.time_zone = "Europe/Paris";
  Workspace workspace;
  workspace.id = WorkspaceId{9};
  workspace.account = account.id;
  workspace.is_default = true;
  Subscription subscription;
  subscription.id = SubscriptionId{5};
  change.put = {account, workspace, subscription};
  tables.apply(change);
  EXPECT_EQ(tables.time_zone_of(AccountId{7}), "Europe/Paris");
  EXPECT_TRUE(tables.workspaces.default_of(AccountId{7}));
  EXPECT_NE(tables.thresholds.find(SubscriptionId{5}), nullptr);
}

TEST(Tables, MarksThatCannotBeReadAreAnError) {
  const ManualClock clock;
  NoMarks quotas;
  test::MemoryEntityStore store;
  quotas.away = true;
  Tables tables(access::Catalog({}, {}), clock, quotas);
  EXPECT_FALSE(tables.load({}, store, quotas));
}

}  // namespace
TEST(Tables, KeysAndUsersComeFromTheStoreOneByOne) {
  const ManualClock clock;
  NoMarks quotas;
  test::MemoryEntityStore store;
  Change made;
  ApiKey key;
  key.id = KeyId{3};
  key.digest[0] = 9;
  key.subscription = SubscriptionId{5};
  key.limits.rate_per_second = 2;
  User user;
  user.id = UserId{4};
  user.account = AccountId{7};
  user.username = "Jane";
  user.verifier = "$sha256$00";
  made.put = {key, user};
  ASSERT_TRUE(store.apply(made));
  Tables tables(access::Catalog({}, {}), clock, quotas);
  ASSERT_TRUE(tables.load({}, store, quotas));
  EXPECT_NE(tables.directory.find_key(key.digest), nullptr);
  EXPECT_NE(tables.directory.find_user(AccountId{7}, "jane"), nullptr);
  EXPECT_NE(tables.thresholds.find(KeyId{3}), nullptr);

  store.unread = true;
  Tables others(access::Catalog({}, {}), clock, quotas);
  EXPECT_FALSE(others.load({}, store, quotas));
}

}  // namespace sallyport::server
