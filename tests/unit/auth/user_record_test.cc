#include "auth/user_record.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

User sample() {
  User user;
  user.id = UserId{1};
  user.account = AccountId{2};
  user.username = "John.Smith";
  user.verifier = "$argon2id$x";
  return user;
}

TEST(UserRecord, HoldsItsFourTexts) {
  User user = sample();
  user.first_name = "John";
  user.last_name = "Smith";
  const auto record = UserRecord::make(user, "john.smith");
  EXPECT_EQ(record->folded(), "john.smith");
  EXPECT_EQ(record->username(), "John.Smith");
  EXPECT_EQ(record->display_name(), "John Smith");
  EXPECT_EQ(record->verifier(), "$argon2id$x");
}

TEST(UserRecord, TheDisplayNameIsWhatThereIs) {
  User user = sample();
  EXPECT_EQ(UserRecord::make(user, "x")->display_name(), "John.Smith");
  user.last_name = "Smith";
  EXPECT_EQ(UserRecord::make(user, "x")->display_name(), "Smith");
}

TEST(UserRecord, HoldsTextsOfAnyLength) {
  User user = sample();
  for (std::size_t size = 0; size < 700; size += 7) {
    user.verifier = std::string(size, 'v');
    const auto record = UserRecord::make(user, "john.smith");
    EXPECT_EQ(record->verifier(), user.verifier);
    EXPECT_EQ(record->username(), "John.Smith");
  }
}

TEST(UserRecord, NothingIsProvenAtFirst) {
  const auto record = UserRecord::make(sample(), "x");
  EXPECT_FALSE(record->is_proven(Proof{})) << "the empty slot fits nothing";
  EXPECT_FALSE(record->is_proven(Proof{1, 2}));
  record->set_proven(Proof{1, 2});
  EXPECT_TRUE(record->is_proven(Proof{1, 2}));
  EXPECT_FALSE(record->is_proven(Proof{1, 3}));
  EXPECT_FALSE(record->is_proven(Proof{2, 2}));
}

TEST(UserRecord, AProofSurvivesOnlyChangesThatDoNotEndIt) {
  const auto old = UserRecord::make(sample(), "x");
  old->set_proven(Proof{1, 2});
  User user = sample();
  user.status = Status::Blocked;
  const auto blocked = UserRecord::make(user, "x");
  blocked->copy_proof(*old);
  EXPECT_TRUE(blocked->is_proven(Proof{1, 2})) << "the state is asked on every request";
  user.security_version = 2;
  const auto newer = UserRecord::make(user, "x");
  newer->copy_proof(*old);
  EXPECT_FALSE(newer->is_proven(Proof{1, 2}));
  user = sample();
  user.verifier = "$argon2id$y";
  const auto changed = UserRecord::make(user, "x");
  changed->copy_proof(*old);
  EXPECT_FALSE(changed->is_proven(Proof{1, 2}));
}

TEST(UserRecord, SeveralRolesAndNetworksAreKeptApart) {
  User user = sample();
  EXPECT_TRUE(UserRecord::make(user, "john.smith")->roles().empty());
  user.roles = {{RoleId{1}, {}}};
  EXPECT_EQ(UserRecord::make(user, "john.smith")->roles().size(), 1U);
  EXPECT_TRUE(UserRecord::make(user, "john.smith")->allowed_networks().empty());
  user.allowed_networks = {*Network::parse("10.0.0.0/8")};
  const auto one = UserRecord::make(user, "john.smith");
  EXPECT_EQ(one->roles().front(), user.roles.front());
  EXPECT_EQ(one->allowed_networks().size(), 1U);
  user.roles.push_back({RoleId{2}, WorkspaceId{3}});
  const auto two = UserRecord::make(user, "john.smith");
  ASSERT_EQ(two->roles().size(), 2U);
  EXPECT_EQ(two->roles()[1], user.roles[1]);
}

TEST(UserRecord, TextsThatAreAlikeAreHeldOnce) {
  User user = sample();
  user.username = "john";
  const auto record = UserRecord::make(user, "john");
  EXPECT_EQ(record->folded(), "john");
  EXPECT_EQ(record->username(), "john");
  EXPECT_EQ(record->display_name(), "john");
  EXPECT_EQ(record->verifier(), user.verifier);
  user.first_name = "J";
  EXPECT_EQ(UserRecord::make(user, "john")->display_name(), "J");
  EXPECT_EQ(UserRecord::make(user, "john")->username(), "john");
}

}  // namespace
}  // namespace sallyport::auth
