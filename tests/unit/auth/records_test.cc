#include "auth/records.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

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
