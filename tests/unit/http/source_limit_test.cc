#include "http/source_limit.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(SourceLimit, CountsEachSourceForItself) {
  SourceLimit limit;
  const IpAddress one = *IpAddress::parse("192.0.2.1");
  const IpAddress other = *IpAddress::parse("192.0.2.2");
  EXPECT_TRUE(limit.enter(one)) << "without a limit";
  limit.set_most(2);
  EXPECT_TRUE(limit.enter(one));
  EXPECT_FALSE(limit.enter(one));
  EXPECT_TRUE(limit.enter(other));
  limit.leave(one);
  EXPECT_TRUE(limit.enter(one));
  EXPECT_FALSE(limit.enter(one));
  limit.set_most(0);
  EXPECT_TRUE(limit.enter(one));
}

TEST(SourceLimit, ASubscribersNetworkIsOneSource) {
  SourceLimit limit;
  limit.set_most(1);
  EXPECT_TRUE(limit.enter(*IpAddress::parse("2001:db8::1")));
  EXPECT_FALSE(limit.enter(*IpAddress::parse("2001:db8::ffff:1")));
  EXPECT_TRUE(limit.enter(*IpAddress::parse("2001:db8:0:1::1")));
  EXPECT_TRUE(limit.enter(*IpAddress::parse("::ffff:192.0.2.1")));
  EXPECT_FALSE(limit.enter(*IpAddress::parse("192.0.2.1")));
}

}  // namespace
}  // namespace sallyport::http
