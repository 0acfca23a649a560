#include "auth/records.h"

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
  const UserRecord record(user, "john.smith");
  EXPECT_EQ(record.folded(), "john.smith");
  EXPECT_EQ(record.username(), "John.Smith");
  EXPECT_EQ(record.display_name(), "John Smith");
  EXPECT_EQ(record.verifier(), "$argon2id$x");
}

TEST(UserRecord, TheDisplayNameIsWhatThereIs) {
  User user = sample();
  EXPECT_EQ(UserRecord(user, "x").display_name(), "John.Smith");
  user.last_name = "Smith";
  EXPECT_EQ(UserRecord(user, "x").display_name(), "Smith");
}

TEST(UserRecord, NothingIsProvenAtFirst) {
  const UserRecord record(sample(), "x");
  EXPECT_FALSE(record.is_proven(Proof{})) << "the empty slot fits nothing";
  EXPECT_FALSE(record.is_proven(Proof{1, 2}));
  record.set_proven(Proof{1, 2});
  EXPECT_TRUE(record.is_proven(Proof{1, 2}));
  EXPECT_FALSE(record.is_proven(Proof{1, 3}));
  EXPECT_FALSE(record.is_proven(Proof{2, 2}));
}

TEST(UserRecord, AProofSurvivesOnlyChangesThatDoNotEndIt) {
  const UserRecord old(sample(), "x");
  old.set_proven(Proof{1, 2});
  User user = sample();
  user.status = Status::Blocked;
  UserRecord blocked(user, "x");
  blocked.copy_proof(old);
  EXPECT_TRUE(blocked.is_proven(Proof{1, 2})) << "the state is asked on every request";
  user.security_version = 2;
  UserRecord newer(user, "x");
  newer.copy_proof(old);
  EXPECT_FALSE(newer.is_proven(Proof{1, 2}));
  user = sample();
  user.verifier = "$argon2id$y";
  UserRecord changed(user, "x");
  changed.copy_proof(old);
  EXPECT_FALSE(changed.is_proven(Proof{1, 2}));
}

TEST(Allows, EmptyMeansEverywhere) {
  const IpAddress inside = *IpAddress::parse("10.1.2.3");
  const IpAddress mapped = *IpAddress::parse("::ffff:10.1.2.3");
  const IpAddress outside = *IpAddress::parse("192.0.2.1");
  EXPECT_TRUE(allows({}, outside));
  const std::vector<Network> networks = {*Network::parse("10.0.0.0/8")};
  EXPECT_TRUE(allows(networks, inside));
  EXPECT_TRUE(allows(networks, mapped));
  EXPECT_FALSE(allows(networks, outside));
}

TEST(KeyRecord, IsTouchedOnceAMinute) {
  constexpr std::int64_t kMinute = KeyRecord::kMinute_us;
  KeyRecord record;
  EXPECT_TRUE(record.touch(100 * kMinute));
  EXPECT_FALSE(record.touch(100 * kMinute + 59'999'999));
  EXPECT_TRUE(record.touch(101 * kMinute));
  EXPECT_EQ(sizeof(KeyRecord), 64U) << "one cache line";
}

}  // namespace
}  // namespace sallyport::auth
