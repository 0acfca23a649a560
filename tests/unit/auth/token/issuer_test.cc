#include "auth/token/issuer.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

std::unique_ptr<KeySet> set_of(std::initializer_list<std::pair<const char*, std::int64_t>> keys) {
  auto set = std::make_unique<KeySet>();
  for (const auto& [kid, until_us] : keys) {
    set->keys.push_back({SigningKey::generate(TokenAlgorithm::EdDsa, kid).public_key(), until_us});
  }
  return set;
}

TEST(KeySet, FindsByNameWhileTheKeyIsGood) {
  const auto set = set_of({{"a", 0}, {"b", 100}});
  EXPECT_EQ(set->find("a", 1'000)->kid, "a");
  EXPECT_EQ(set->find("b", 99)->kid, "b");
  EXPECT_EQ(set->find("b", 100), nullptr) << "its time is over";
  EXPECT_EQ(set->find("c", 0), nullptr);
  EXPECT_EQ(set->find("", 0), nullptr) << "every key has a name";
  EXPECT_TRUE(set->holds(set->keys[1].key.key, 99));
  EXPECT_FALSE(set->holds(set->keys[1].key.key, 100));
  EXPECT_FALSE(set->holds(set_of({{"a", 0}})->keys[0].key.key, 0)) << "another key of that name";
}

TEST(KeySet, ANamelessTokenMeansTheNamelessKey) {
  const auto set = set_of({{"", 0}, {"a", 0}});
  EXPECT_EQ(set->find("", 0), &set->keys[0].key);
}

TEST(TokenIssuer, KeysOfAnOutsideOneGetTooOld) {
  ImmediateReclaimer reclaimer;
  config::Issuer settings;
  settings.issuer = "https://login.test";
  TokenIssuer issuer(settings, {}, reclaimer);
  EXPECT_TRUE(issuer.is_outside());
  EXPECT_EQ(issuer.keys(0), nullptr);
  issuer.replace(set_of({{"a", 0}}), 100);
  EXPECT_NE(issuer.keys(99), nullptr);
  EXPECT_EQ(issuer.keys(100), nullptr);
  issuer.extend(200);
  EXPECT_NE(issuer.keys(100), nullptr);
  issuer.replace(set_of({{"b", 0}}), 0);
  EXPECT_NE(issuer.keys(1'000'000)->find("b", 0), nullptr);
}

TEST(TokenIssuer, SpeaksForTheAccountsItWasGiven) {
  ImmediateReclaimer reclaimer;
  const AccountSlot ours{AccountId{1}};
  const TokenIssuer some({}, {&ours}, reclaimer);
  EXPECT_TRUE(some.speaks_for({1}));
  EXPECT_FALSE(some.speaks_for({2}));
  EXPECT_TRUE(TokenIssuer({}, {}, reclaimer).speaks_for({2})) << "of every account";
}

TEST(TokenIssuer, AMissIsToldOnce) {
  ImmediateReclaimer reclaimer;
  TokenIssuer issuer("us", reclaimer);
  EXPECT_FALSE(issuer.is_outside());
  EXPECT_FALSE(issuer.take_miss());
  issuer.miss();
  EXPECT_TRUE(issuer.take_miss());
  EXPECT_FALSE(issuer.take_miss());
}

}  // namespace
}  // namespace sallyport::auth
