#include "auth/decoys.h"

#include <gtest/gtest.h>

#include <map>

#include "auth/password_hash.h"

namespace sallyport::auth {
namespace {

constexpr AccountId kAccount{1};
const std::string kBcrypt = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";

class DecoysTest : public testing::Test {
 protected:
  std::string draw(int name) {
    return std::string(decoys_.draw(kAccount, "name " + std::to_string(name)));
  }
  int of_bcrypt(int names) {
    int count = 0;
    for (int i = 0; i < names; ++i) count += draw(i).starts_with("$2y$05$") ? 1 : 0;
    return count;
  }
  ImmediateReclaimer reclaimer_;
  SeededRandom random_{3};
  Decoys decoys_{reclaimer_};
};

TEST_F(DecoysTest, NobodyNothing) {
  EXPECT_EQ(draw(1), "");
  decoys_.add("garbage");
  decoys_.publish();
  EXPECT_EQ(draw(1), "");
}

TEST_F(DecoysTest, KindsAreDrawnAsOftenAsTheyAreThere) {
  for (int i = 0; i < 30; ++i) decoys_.add(kBcrypt);
  for (int i = 0; i < 70; ++i) decoys_.add(*hash_password("x", {64, 1, 1}, random_));
  EXPECT_EQ(draw(1), "") << "not before it is published";
  decoys_.publish();
  EXPECT_NEAR(of_bcrypt(1'000), 300, 60);
  for (int i = 0; i < 1'000; ++i) EXPECT_NE(draw(i), kBcrypt) << "nobody's own";
}

TEST_F(DecoysTest, ANameHasTheSameOneEveryTime) {
  for (int i = 0; i < 50; ++i) decoys_.add(kBcrypt);
  for (int i = 0; i < 50; ++i) decoys_.add(*hash_password("x", {64, 1, 1}, random_));
  decoys_.publish();
  std::map<int, std::string> drawn;
  for (int i = 0; i < 500; ++i) drawn[i] = draw(i);
  decoys_.add(kBcrypt);
  decoys_.publish();
  int moved = 0;
  for (int i = 0; i < 500; ++i) moved += drawn[i] == draw(i) ? 0 : 1;
  EXPECT_LE(moved, 15) << "one more user moves few";
}

TEST_F(DecoysTest, AKindThatIsGoneIsNotDrawn) {
  decoys_.add(kBcrypt);
  decoys_.add(*hash_password("x", {64, 1, 1}, random_));
  decoys_.remove(kBcrypt);
  decoys_.publish();
  EXPECT_EQ(of_bcrypt(100), 0);
}

}  // namespace
}  // namespace sallyport::auth
