#include "admin/stored.h"

#include <gtest/gtest.h>

#include "support/memory_entity_store.h"

namespace sallyport::admin {
namespace {

ApiKey key(std::uint64_t id, std::uint64_t subscription, std::int64_t created_us) {
  ApiKey made;
  made.id = KeyId{id};
  made.subscription = SubscriptionId{subscription};
  made.created_us = created_us;
  return made;
}

User user(std::uint64_t id, std::uint64_t account, std::string name) {
  User made;
  made.id = UserId{id};
  made.account = AccountId{account};
  made.username = std::move(name);
  return made;
}

class StoredTest : public testing::Test {
 protected:
  StoredTest() {
    Change made;
    made.put = {key(1, 5, 30), key(2, 5, 10), key(3, 6, 20), user(1, 7, "Jane"),
                user(2, 8, "Jane")};
    EXPECT_TRUE(store_.apply(made));
  }

  test::MemoryEntityStore store_;
  Stored<ApiKey> keys_{store_};
  Stored<User> users_{store_};
};

TEST_F(StoredTest, FindsAndSelectsTheOldestFirst) {
  EXPECT_EQ(keys_.find(KeyId{3})->created_us, 20);
  EXPECT_FALSE(keys_.find(KeyId{4}));
  std::string ids;
  for (const ApiKey* one : keys_.all()) ids += std::to_string(one->id.value);
  EXPECT_EQ(ids, "231");
  EXPECT_EQ(keys_.of(SubscriptionId{5}).size(), 2U);
  EXPECT_EQ(keys_.of(SubscriptionId{5}).front()->id, KeyId{2});
  EXPECT_TRUE(keys_.of(SubscriptionId{9}).empty());
  EXPECT_EQ(keys_.count([](const ApiKey& one) { return one.created_us < 25; }), 2U);
}

TEST_F(StoredTest, NamesAreOfAnAccount) {
  EXPECT_EQ(users_.named(AccountId{8}, "jane")->id, UserId{2});
  EXPECT_FALSE(users_.named(AccountId{9}, "jane"));
}

TEST_F(StoredTest, WhatIsHeldStandsForWhatIsStored) {
  ApiKey revoked = key(1, 5, 30);
  revoked.status = Status::Revoked;
  keys_.hold(revoked);
  EXPECT_EQ(keys_.find(KeyId{1})->status, Status::Revoked);
  EXPECT_EQ(keys_.count([](const ApiKey& one) { return one.status == Status::Revoked; }), 1U);
  keys_.release(revoked);
  EXPECT_EQ(keys_.find(KeyId{1})->status, Status::Active);
}

TEST_F(StoredTest, WhatCannotBeReadIsToldOnce) {
  EXPECT_FALSE(keys_.take_failure());
  store_.unread = true;
  EXPECT_FALSE(keys_.find(KeyId{1}));
  EXPECT_TRUE(keys_.take_failure());
  EXPECT_FALSE(keys_.take_failure());
  EXPECT_TRUE(users_.all().empty());
  EXPECT_TRUE(users_.take_failure());
}

TEST_F(StoredTest, WithoutAStoreThereIsNothing) {
  const Stored<User> none;
  EXPECT_FALSE(none.find(UserId{1}));
  EXPECT_FALSE(none.named(AccountId{7}, "jane"));
  EXPECT_TRUE(none.all().empty());
  EXPECT_FALSE(none.take_failure());
}

}  // namespace
}  // namespace sallyport::admin
