#include "messaging/retry.h"

#include <gtest/gtest.h>

#include "messaging/message_store.h"

namespace sallyport::messaging::test {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
using Cause = RecipientResult::Cause;

TEST(Retry, WaitsByTheCause) {
  struct Case {
    const char* what;
    Cause cause;
    std::int32_t attempts;
    std::int64_t seconds;
  };
  const Case cases[] = {
      {"the first wait", Cause::Recipient, 1, 60},
      {"the second", Cause::Recipient, 2, 300},
      {"the last repeats", Cause::Recipient, 9, 3'600},
      {"a destination may be back any moment", Cause::Destination, 9, 300},
      {"slower is soon", Cause::Throttled, 4, 5},
  };
  const config::Messaging config;
  SeededRandom random{5};
  for (const Case& one : cases) {
    for (int i = 0; i < 50; ++i) {
      const std::int64_t delay = retry_delay_us(config, one.cause, one.attempts, random);
      EXPECT_GE(delay, one.seconds * kSecond * 9 / 10) << one.what;
      EXPECT_LE(delay, one.seconds * kSecond * 11 / 10) << one.what;
    }
  }
}

TEST(Retry, PausesGrowAndEnd) {
  const config::Messaging config;
  EXPECT_EQ(pause_us(config, 1), 60 * kSecond);
  EXPECT_EQ(pause_us(config, 2), 300 * kSecond);
  EXPECT_EQ(pause_us(config, 20), 300 * kSecond);
}

TEST(Retry, InDoubt) {
  EXPECT_TRUE(tries_again(InDoubtPolicy::ByClass, MessageClass::Transactional));
  EXPECT_FALSE(tries_again(InDoubtPolicy::ByClass, MessageClass::Marketing));
  EXPECT_TRUE(tries_again(InDoubtPolicy::Again, MessageClass::Marketing));
  EXPECT_FALSE(tries_again(InDoubtPolicy::Stop, MessageClass::Transactional));
}

}  // namespace
}  // namespace sallyport::messaging::test
