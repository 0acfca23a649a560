#include "messaging/destinations.h"

#include <gtest/gtest.h>

namespace sallyport::messaging::test {
namespace {

using Feedback = Destinations::Feedback;

Due due(std::uint64_t message, std::string destination, std::int32_t recipient = 1) {
  return {MessageId{0, message}, recipient, ChannelKind::Email, std::move(destination)};
}
constexpr auto kPause = [](std::int32_t failures) -> std::int64_t { return failures * 1'000; };

TEST(Destinations, TakeTurns) {
  Destinations lines(20);
  for (std::uint64_t i = 1; i <= 3; ++i) lines.add(due(i, "crowded"), 100);
  lines.add(due(9, "small"), 100);
  EXPECT_EQ(lines.waiting(), 4U);
  EXPECT_EQ(lines.take(0)->message.low, 1U);
  EXPECT_EQ(lines.take(0)->message.low, 9U) << "the small one is not behind the crowd";
  EXPECT_EQ(lines.take(0)->message.low, 2U);
  EXPECT_EQ(lines.take(0)->message.low, 3U);
  EXPECT_FALSE(lines.take(0));
  EXPECT_EQ(lines.waiting(), 0U);
}

TEST(Destinations, RecipientsOfOneMessageGoTogether) {
  Destinations lines(20);
  lines.add(due(1, "a", 1), 2);
  lines.add(due(2, "a", 1), 2);
  lines.add(due(1, "a", 2), 2);
  lines.add(due(1, "a", 3), 2);
  EXPECT_EQ(lines.take(0)->recipients, (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(lines.take(0)->message.low, 2U);
  EXPECT_EQ(lines.take(0)->recipients, std::vector<std::int32_t>{3}) << "two are the most";
}

TEST(Destinations, TheWindowOpensWithSuccess) {
  Destinations lines(7);
  for (std::uint64_t i = 1; i <= 30; ++i) lines.add(due(i, "a"), 1);
  std::vector<Batch> flying;
  while (auto batch = lines.take(0)) flying.push_back(*batch);
  EXPECT_EQ(flying.size(), 5U) << "at first";
  for (const Batch& one : flying) lines.landed(one, Feedback::Good, 0, kPause);
  flying.clear();
  while (auto batch = lines.take(0)) flying.push_back(*batch);
  EXPECT_EQ(flying.size(), 5U);
  for (int i = 0; i < 3; ++i) {
    for (const Batch& one : flying) lines.landed(one, Feedback::Good, 0, kPause);
    for (std::uint64_t n = 100; n < 120; ++n) lines.add(due(n, "a"), 1);
    flying.clear();
    while (auto batch = lines.take(0)) flying.push_back(*batch);
  }
  EXPECT_EQ(flying.size(), 7U) << "and never more than that";
}

TEST(Destinations, ClosesWhatCannotBeReached) {
  Destinations lines(20);
  for (std::uint64_t i = 1; i <= 10; ++i) lines.add(due(i, "dead"), 1);
  lines.add(due(50, "alive"), 1);
  std::vector<Batch> flying;
  while (auto batch = lines.take(0)) {
    if (batch->destination == "dead") flying.push_back(*batch);
  }
  ASSERT_EQ(flying.size(), 5U);
  std::vector<Batch> back;
  for (const Batch& one : flying) {
    for (Batch& batch : lines.landed(one, Feedback::Unreachable, 100, kPause)) {
      back.push_back(std::move(batch));
    }
  }
  EXPECT_EQ(back.size(), 5U) << "what waited is handed back";
  EXPECT_EQ(lines.waiting(), 0U);
  EXPECT_EQ(lines.closed_until_us(ChannelKind::Email, "dead", 100), 1'100);
  EXPECT_EQ(lines.closed_until_us(ChannelKind::Email, "alive", 100), 0);
  lines.add(due(11, "dead"), 1);
  EXPECT_FALSE(lines.take(500));
  const auto probe = lines.take(1'100);
  ASSERT_TRUE(probe);
  lines.add(due(12, "dead"), 1);
  EXPECT_FALSE(lines.take(1'100)) << "a single one looks whether it is back";
  EXPECT_EQ(lines.landed(*probe, Feedback::Unreachable, 1'100, kPause).size(), 1U);
  EXPECT_EQ(lines.closed_until_us(ChannelKind::Email, "dead", 1'100), 3'100) << "longer";
}

TEST(Destinations, SlowerHalvesTheWindow) {
  Destinations lines(20);
  for (std::uint64_t i = 1; i <= 10; ++i) lines.add(due(i, "a"), 1);
  std::vector<Batch> flying;
  while (auto batch = lines.take(0)) flying.push_back(*batch);
  for (const Batch& one : flying) lines.landed(one, Feedback::None, 0, kPause);
  flying.clear();
  flying.push_back(*lines.take(0));
  EXPECT_TRUE(lines.landed(flying[0], Feedback::Slower, 0, kPause).empty());
  flying.clear();
  while (auto batch = lines.take(0)) flying.push_back(*batch);
  EXPECT_EQ(flying.size(), 2U);
}

TEST(Destinations, ClearForgetsWhatWaits) {
  Destinations lines(20);
  lines.add(due(1, "a"), 1);
  EXPECT_EQ(lines.waiting(ChannelKind::Email, "a"), 1U);
  lines.clear();
  EXPECT_EQ(lines.waiting(), 0U);
  EXPECT_FALSE(lines.take(0));
}

}  // namespace
}  // namespace sallyport::messaging::test
