#include "http/ticket_keys.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(TicketKeys, TurnAndAreForgotten) {
  ManualClock clock;
  SeededRandom random(5);
  TicketKeys keys(clock, random);
  const TicketKey first = keys.current();
  EXPECT_EQ(keys.current().name, first.name);
  bool is_current = false;
  ASSERT_TRUE(keys.find(first.name, is_current));
  EXPECT_TRUE(is_current);

  clock.advance_us(TicketKeys::kTurn_us);
  EXPECT_NE(keys.current().name, first.name);
  const auto old = keys.find(first.name, is_current);
  ASSERT_TRUE(old);
  EXPECT_FALSE(is_current) << "the ticket is good, and should be renewed";
  EXPECT_EQ(old->cipher, first.cipher);
  EXPECT_NE(keys.current().cipher, first.cipher);

  clock.advance_us(TicketKeys::kTurn_us);
  EXPECT_TRUE(keys.find(first.name, is_current));
  clock.advance_us(TicketKeys::kTurn_us);
  EXPECT_FALSE(keys.find(first.name, is_current));
}

TEST(TicketKeys, AreForgottenAlsoWhenNobodyCame) {
  ManualClock clock;
  SeededRandom random(5);
  TicketKeys keys(clock, random);
  const TicketKey first = keys.current();
  clock.advance_us(100 * TicketKeys::kTurn_us);
  bool is_current = true;
  EXPECT_FALSE(keys.find(first.name, is_current));
}

TEST(TicketKeys, AnotherNameFindsNothing) {
  ManualClock clock;
  SeededRandom random(5);
  TicketKeys keys(clock, random);
  TicketKey other = keys.current();
  other.name[0] ^= 1;
  bool is_current = false;
  EXPECT_FALSE(keys.find(other.name, is_current));
}

}  // namespace
}  // namespace sallyport::http
