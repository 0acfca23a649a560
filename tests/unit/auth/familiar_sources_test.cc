#include "auth/familiar_sources.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

constexpr std::int64_t kDay_us = 24LL * 3600 * 1'000'000;

TEST(FamiliarSources, ForThirtyDays) {
  ManualClock clock;
  FamiliarSources sources(clock);
  EXPECT_FALSE(sources.knows(UserId{1}, 7));
  sources.note(UserId{1}, 7);
  EXPECT_TRUE(sources.knows(UserId{1}, 7));
  EXPECT_FALSE(sources.knows(UserId{2}, 7)) << "each user's own";
  EXPECT_FALSE(sources.knows(UserId{1}, 8));
  clock.advance_us(30 * kDay_us);
  EXPECT_TRUE(sources.knows(UserId{1}, 7));
  clock.advance_us(1);
  EXPECT_FALSE(sources.knows(UserId{1}, 7));
}

TEST(FamiliarSources, TheLatestFewOfEachUser) {
  ManualClock clock;
  FamiliarSources sources(clock);
  for (std::uint64_t i = 0; i < 100; ++i) {
    sources.note(UserId{1}, i);
    clock.advance_us(1);
  }
  EXPECT_FALSE(sources.knows(UserId{1}, 91));
  for (std::uint64_t i = 92; i < 100; ++i) EXPECT_TRUE(sources.knows(UserId{1}, i)) << i;
}

TEST(FamiliarSources, WhatIsNewIsHandedOnOnceAnHour) {
  ManualClock clock;
  FamiliarSources sources(clock);
  sources.note(UserId{1}, 7);
  sources.note(UserId{1}, 7);
  EXPECT_EQ(sources.take_new(), (std::vector<SourceSeen>{{UserId{1}, 7, clock.unix_us()}}));
  clock.advance_us(kDay_us / 48);
  sources.note(UserId{1}, 7);
  EXPECT_TRUE(sources.take_new().empty());
  clock.advance_us(kDay_us / 48);
  sources.note(UserId{1}, 7);
  EXPECT_EQ(sources.take_new().size(), 1U);
}

TEST(FamiliarSources, WhatWasKeptComesBack) {
  ManualClock clock;
  FamiliarSources sources(clock);
  sources.load(
      {{UserId{1}, 7, clock.unix_us() - 1}, {UserId{1}, 8, clock.unix_us() - 31 * kDay_us}});
  EXPECT_TRUE(sources.knows(UserId{1}, 7));
  EXPECT_FALSE(sources.knows(UserId{1}, 8));
  EXPECT_TRUE(sources.take_new().empty());
}

}  // namespace
}  // namespace sallyport::auth
