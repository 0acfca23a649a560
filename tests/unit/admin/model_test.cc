#include "admin/model.h"

#include <gtest/gtest.h>

#include <string>

#include "support/memory_entity_store.h"

namespace sallyport::admin {
namespace {

Account account(std::uint64_t id, std::string name, std::int64_t created_us = 0) {
  return {AccountId{id}, std::move(name), Status::Active, "UTC", created_us, false};
}

TEST(ModelTest, FollowsTheChanges) {
  Model model;
  Change change;
  change.put = {account(1, "A"), account(2, "B")};
  model.take(change, true);
  EXPECT_TRUE(model.account("A"));
  change.put = {account(1, "Renamed")};
  change.remove = {account(2, "B")};
  model.take(change, true);
  EXPECT_EQ(model.account("0000000000000001")->name, "Renamed");
  EXPECT_EQ(model.account("A").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(model.account("B").error().kind, ErrorKind::NotFound);
  EXPECT_EQ(model.accounts.size(), 1U);
}

TEST(ModelTest, ListsTheOldestFirst) {
  Model model;
  model.put(account(1, "young", 30));
  model.put(account(9, "old", 10));
  model.put(account(3, "also old", 10));
  std::string names;
  for (const Account* one : model.accounts.all()) names += one->name + ",";
  EXPECT_EQ(names, "also old,old,young,");
}

TEST(ModelTest, ANameOfSeveralIsAConflict) {
  test::MemoryEntityStore store;
  Change made;
  for (const std::uint64_t id : {1U, 2U}) {
    made.put.emplace_back(account(id, "A" + std::to_string(id), 1));
    User user;
    user.id = UserId{id};
    user.account = AccountId{id};
    user.username = id == 1 ? "Jane" : "JANE";
    made.put.emplace_back(user);
  }
  ASSERT_TRUE(store.apply(made));
  const Model model(*store.load_few(), store);
  EXPECT_EQ(model.user("jane").error().kind, ErrorKind::Conflict);
  EXPECT_EQ(model.user("jane").error().message,
            "2 of users are named \"jane\": give the id (0000000000000001, 0000000000000002) or "
            "--account");
  EXPECT_EQ(model.user("jane", AccountId{2})->id, UserId{2});
  EXPECT_EQ(model.user("bob").error().kind, ErrorKind::NotFound);
}

TEST(ModelTest, NamesOfWhatIsNotThereAreIds) {
  const Model model;
  EXPECT_EQ(model.name_of(AccountId{}), "");
  EXPECT_EQ(model.name_of(AccountId{0xAB}), "00000000000000AB");
}

TEST(LooksLikeAKey, KnowsOurPrefixAndLongTexts) {
  EXPECT_TRUE(looks_like_a_key("sp_live_x"));
  EXPECT_TRUE(looks_like_a_key("sp_test_x"));
  EXPECT_TRUE(looks_like_a_key(std::string(65, 'x')));
  EXPECT_FALSE(looks_like_a_key("nothing"));
}

}  // namespace
}  // namespace sallyport::admin
