#include "auth/directory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/crypto.h"

namespace sallyport::auth {
namespace {

ApiKey key_of(std::uint64_t id, const std::string& text) {
  ApiKey key;
  key.id = KeyId{id};
  key.subscription = SubscriptionId{1};
  key.digest = sha256(text);
  return key;
}

User user_of(std::uint64_t id, std::string name, std::uint64_t account = 1) {
  User user;
  user.id = UserId{id};
  user.account = AccountId{account};
  user.username = std::move(name);
  return user;
}

class DirectoryTest : public testing::Test {
 protected:
  void put(Entity entity) { directory_.apply({{std::move(entity)}, {}, {}, {}}); }
  void remove(Entity entity) { directory_.apply({{}, {std::move(entity)}, {}, {}}); }
  ImmediateReclaimer reclaimer_;
  Directory directory_{reclaimer_};
};

TEST_F(DirectoryTest, FindsKeysByDigestAndId) {
  put(key_of(5, "secret"));
  ASSERT_NE(directory_.find_key(sha256("secret")), nullptr);
  EXPECT_EQ(directory_.find_key(sha256("secret"))->id, KeyId{5});
  EXPECT_EQ(directory_.find_key(sha256("other")), nullptr);
  EXPECT_EQ(directory_.find_key(KeyId{5})->digest, sha256("secret"));
}

TEST_F(DirectoryTest, AChangedKeyIsReplacedWhole) {
  put(key_of(5, "secret"));
  ApiKey key = key_of(5, "secret");
  key.status = Status::Revoked;
  put(key);
  EXPECT_EQ(directory_.find_key(sha256("secret"))->status, Status::Revoked);
  EXPECT_EQ(directory_.key_count(), 1U);
  put(key_of(5, "rotated"));
  EXPECT_EQ(directory_.find_key(sha256("secret")), nullptr) << "the old text opens nothing";
  EXPECT_NE(directory_.find_key(sha256("rotated")), nullptr);
  remove(key_of(5, "rotated"));
  EXPECT_EQ(directory_.find_key(sha256("rotated")), nullptr);
  EXPECT_EQ(directory_.find_key(KeyId{5}), nullptr);
}

TEST_F(DirectoryTest, NamesCompareFoldedAndWithinTheAccount) {
  put(user_of(1, "John"));
  put(user_of(2, "John", 2));
  EXPECT_EQ(directory_.find_user(AccountId{1}, "john")->id(), UserId{1});
  EXPECT_EQ(directory_.find_user(AccountId{2}, "john")->id(), UserId{2});
  EXPECT_EQ(directory_.find_user(AccountId{3}, "john"), nullptr);
  EXPECT_EQ(directory_.find_user(AccountId{1}, "John"), nullptr) << "callers fold";
}

TEST_F(DirectoryTest, ARenamedUserHasOneName) {
  put(user_of(1, "John"));
  put(user_of(1, "Jack"));
  EXPECT_EQ(directory_.find_user(AccountId{1}, "john"), nullptr);
  EXPECT_EQ(directory_.find_user(AccountId{1}, "jack")->id(), UserId{1});
  EXPECT_EQ(directory_.user_count(), 1U);
  put(user_of(1, "no\nname"));
  EXPECT_EQ(directory_.find_user(AccountId{1}, "jack"), nullptr) << "fails closed";
}

TEST_F(DirectoryTest, WhatIsNotKnownIsNotActive) {
  EXPECT_EQ(directory_.account_status(AccountId{1}), Status::Suspended);
  Account account;
  account.id = AccountId{1};
  put(account);
  EXPECT_EQ(directory_.account_status(AccountId{1}), Status::Active);
  remove(account);
  EXPECT_EQ(directory_.account_status(AccountId{1}), Status::Suspended);
}

TEST_F(DirectoryTest, LoadTakesEverything) {
  Entities entities;
  entities.keys = {key_of(1, "a"), key_of(2, "b")};
  entities.users = {user_of(1, "x")};
  directory_.load(entities);
  EXPECT_EQ(directory_.key_count(), 2U);
  EXPECT_EQ(directory_.user_count(), 1U);
}

// Frees only when the readers have gone: as the server does once their loops have come round.
class LateReclaimer final : public Reclaimer {
 public:
  void retire(std::move_only_function<void()> destroy) override {
    retired_.push_back(std::move(destroy));
  }
  ~LateReclaimer() override {
    for (auto& destroy : retired_) destroy();
  }

 private:
  std::vector<std::move_only_function<void()>> retired_;
};

TEST(DirectoryThreads, ReadersSeeOldOrNewAndNeverNothing) {
  LateReclaimer reclaimer;
  Directory directory(reclaimer);
  directory.apply({{key_of(1, "stays")}, {}, {}, {}});
  std::atomic<bool> stop = false;
  std::atomic<int> missing = 0;
  std::thread reader([&] {
    while (!stop) {
      const KeyRecord* key = directory.find_key(sha256("stays"));
      if (key == nullptr || key->id != KeyId{1}) ++missing;
    }
  });
  for (std::uint64_t i = 2; i < 1'000; ++i) {
    ApiKey key = key_of(1, "stays");
    key.status = i % 2 == 0 ? Status::Active : Status::Disabled;
    directory.apply({{key, key_of(i, std::to_string(i))}, {}, {}, {}});
  }
  stop = true;
  reader.join();
  EXPECT_EQ(missing, 0);
}

class GrantTest : public DirectoryTest {
 protected:
  GrantTest() {
    for (const std::uint64_t id : {1U, 2U, 3U}) {
      Account account;
      account.id = AccountId{id};
      put(account);
    }
    Application application;
    application.id = ApplicationId{9};
    application.account = AccountId{1};
    application.name = "Partner";
    put(application);
    put(user_of(11, "ann", 1));
    put(user_of(12, "bob", 2));
    put(user_of(22, "ann", 2));
    put(user_of(13, "bob", 3));
  }
  static Grant grant_of(std::uint64_t id, std::uint64_t account, std::int64_t created_us) {
    Grant grant;
    grant.id = GrantId{id};
    grant.application = ApplicationId{9};
    grant.account = AccountId{account};
    grant.role_ceiling = {RoleId{77}};
    grant.created_us = created_us;
    return grant;
  }
  const ApplicationSlot& application() {
    put(key_of(5, "secret"));
    Subscription subscription;
    subscription.id = SubscriptionId{1};
    subscription.application = ApplicationId{9};
    put(subscription);
    return *directory_.find_key(KeyId{5})->subscription->application.load();
  }
  std::uint64_t found(std::string_view name) {
    const OpenedUser opened = directory_.find_user(application(), name);
    return opened.user == nullptr ? 0 : opened.user->id().value;
  }
};

TEST_F(GrantTest, WithoutOneAKeyOpensItsOwnAccountOnly) {
  EXPECT_EQ(found("ann"), 11U);
  EXPECT_EQ(found("bob"), 0U);
  EXPECT_EQ(found("0000000000000002\\bob"), 0U);
  EXPECT_EQ(directory_.name_of(application()), "Partner");
}

TEST_F(GrantTest, OpensTheAccountThatGaveItAndEndsAtOnce) {
  put(grant_of(31, 3, 200));
  put(grant_of(30, 2, 100));
  EXPECT_EQ(found("ann"), 11U) << "its own account goes first";
  EXPECT_EQ(found("bob"), 12U) << "then the oldest grant";
  EXPECT_EQ(found("0000000000000003\\bob"), 13U) << "unless one account is named";
  EXPECT_EQ(found("0000000000000002\\ann"), 22U);
  EXPECT_EQ(found("0000000000000001\\bob"), 0U);
  EXPECT_EQ(found("0000000000000004\\bob"), 0U) << "an account that granted nothing";
  const OpenedUser opened = directory_.find_user(application(), "bob");
  ASSERT_NE(opened.grant, nullptr);
  EXPECT_EQ(opened.grant->grant, GrantId{30});
  EXPECT_EQ(opened.grant->ceiling, std::vector<RoleAssignment>({{RoleId{77}, {}}}));

  Account suspended;
  suspended.id = AccountId{2};
  suspended.status = Status::Suspended;
  put(suspended);
  EXPECT_EQ(found("bob"), 13U) << "a suspended account's users stop";
  Grant ended = grant_of(31, 3, 200);
  ended.status = Status::Revoked;
  put(ended);
  EXPECT_EQ(found("bob"), 0U);
  put(grant_of(31, 3, 200));
  remove(grant_of(31, 3, 200));
  EXPECT_EQ(found("bob"), 0U);
}

}  // namespace
}  // namespace sallyport::auth
