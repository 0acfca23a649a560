#include "base/id.h"

#include <gtest/gtest.h>

#include <set>

#include "base/clock.h"
#include "base/random.h"

namespace sallyport {
namespace {

TEST(Ids, AreSixteenUpperCaseDigits) {
  const AccountId id{0x00AB'0000'0000'00FFULL};
  EXPECT_EQ(id.hex(), "00AB0000000000FF");
  EXPECT_EQ(AccountId::parse("00AB0000000000FF"), id);
  EXPECT_FALSE(AccountId::parse("00ab0000000000ff")) << "lower case is another text";
  EXPECT_FALSE(AccountId::parse("0AB0000000000FF")) << "fifteen digits";
  EXPECT_FALSE(AccountId::parse("00AB0000000000F-"));
}

TEST(MessageIds, SortByTime) {
  ManualClock clock;
  SeededRandom random(3);
  const MessageId first = make_message_id(clock, random);
  clock.advance_us(1000);
  const MessageId second = make_message_id(clock, random);
  EXPECT_LT(first, second);
  EXPECT_EQ(first.hex().size(), 32U);
  EXPECT_EQ(MessageId::parse(first.hex()), first);
  EXPECT_FALSE(MessageId::parse(first.hex() + "0"));
}

TEST(KeyIds, FitTwelveCrockfordDigits) {
  SeededRandom random(4);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const KeyId id = make_id<KeyId>(random);
    EXPECT_EQ(id.value >> 60, 0U);
    EXPECT_TRUE(seen.insert(id.value).second);
  }
}

}  // namespace
}  // namespace sallyport
