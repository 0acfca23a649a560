#include "server/user_door.h"

#include <gtest/gtest.h>

namespace sallyport::server {
namespace {

class SeenBefore final : public auth::FamiliarStore {
 public:
  Result<std::vector<auth::SourceSeen>> load_sources(std::int64_t since_us) override {
    if (away) return fail(ErrorKind::Unavailable, "away");
    return std::vector<auth::SourceSeen>{{UserId{1}, 7, since_us}};
  }
  Result<void> save_sources(const std::vector<auth::SourceSeen>&, std::int64_t) override {
    return {};
  }
  bool away = false;
};

TEST(UserDoor, IsPutTogetherFromTheConfiguration) {
  config::Auth auth;
  auth.failures_per_pair = 2;
  ManualClock clock;
  SeededRandom random(1);
  ImmediateReclaimer reclaimer;
  const auth::Directory directory(reclaimer);
  SeenBefore store;
  UserDoor door(auth, directory, store, clock, random);
  ASSERT_TRUE(door.load(store, clock));
  EXPECT_TRUE(door.sources.knows(UserId{1}, 7));
  store.away = true;
  EXPECT_FALSE(door.load(store, clock));

  const auto address = IpAddress::parse("192.0.2.7");
  const auth::GuessBudget::Guess guess{door.guesses.name_of(AccountId{3}, "ann"), KeyId{1},
                                       source_network(*address), false, false};
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(door.guesses.begin(guess).answer, auth::GuessBudget::Answer::Go);
    door.guesses.wrong(guess);
  }
  EXPECT_EQ(door.guesses.peek(guess).answer, auth::GuessBudget::Answer::Spent);
  door.unlock({AccountId{3}, "ann", address});
  EXPECT_EQ(door.guesses.peek(guess).answer, auth::GuessBudget::Answer::Go);
  door.stop();
}

}  // namespace
}  // namespace sallyport::server
