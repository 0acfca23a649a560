#include "messaging/bounce_address.h"

#include <gtest/gtest.h>

#include "messaging/address.h"

namespace sallyport::messaging::test {
namespace {

TEST(BounceAddress, ThereAndBack) {
  const Secret key(std::string(32, 'k'));
  const BounceAddress of{MessageId{0x0123456789ABCDEF, 0xFEDCBA9876543210}, 12};
  const std::string address = bounce_address(of, "bounces.example.com", key);
  EXPECT_TRUE(is_email_address(address)) << address;
  const auto back = parse_bounce_address(address, "bounces.example.com", key);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->message, of.message);
  EXPECT_EQ(back->recipient, 12);
  std::string shouted = address;
  for (char& c : shouted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_TRUE(parse_bounce_address(shouted, "bounces.example.com", key)) << "case gets lost";
}

TEST(BounceAddress, NobodyElseMakesOne) {
  const Secret key(std::string(32, 'k'));
  const std::string good = bounce_address({MessageId{1, 2}, 1}, "b.example", key);
  std::string other_number = good;
  other_number.replace(good.find("-1-"), 3, "-2-");
  std::string other_mac = good;
  other_mac[good.find('@') - 1] = other_mac[good.find('@') - 1] == '0' ? '1' : '0';
  const std::string cases[] = {other_number,
                               other_mac,
                               "",
                               "@b.example",
                               "b-@b.example",
                               "b-0123@b.example",
                               good.substr(0, good.find('@')) + "@c.example",
                               good.substr(0, good.find('@') - 16) + "@b.example",
                               "x" + good};
  for (const std::string& one : cases) {
    EXPECT_FALSE(parse_bounce_address(one, "b.example", key)) << one;
  }
  EXPECT_FALSE(parse_bounce_address(good, "b.example", Secret(std::string(32, 'x'))));
}

}  // namespace
}  // namespace sallyport::messaging::test
