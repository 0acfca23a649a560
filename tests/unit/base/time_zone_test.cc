#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(TimeZone, NamesAndNumbers) {
  const auto rome = find_zone("Europe/Rome");
  ASSERT_TRUE(rome);
  EXPECT_EQ(find_zone("Europe/Rome"), rome);
  EXPECT_EQ(zone_name(*rome), "Europe/Rome");
  EXPECT_EQ(find_zone("UTC"), kUtc);
  EXPECT_EQ(zone_name(kUtc), "UTC");
  EXPECT_EQ(zone_name({}), "");
  EXPECT_EQ(zone_name(ZoneId{60'000}), "");
  for (const char* wrong : {"", "Europe/Nowhere", "../etc/passwd", "Europe"}) {
    EXPECT_EQ(find_zone(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace sallyport
