#include "base/net.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(IpAddress, MappedAddressesAreIpv4) {
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1")->text(), "192.0.2.1");
}

TEST(IpAddress, ReadsOnlyPlainAddresses) {
  for (const char* text : {"", "127.1", "0x7f.0.0.1", "1.2.3.4:80", "fe80::1%eth0", "localhost",
                           "[::1]", "01.2.3.4"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_TRUE(IpAddress::parse("127.3.2.1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
}

TEST(Network, Contains) {
  const auto network = Network::parse("10.1.0.0/16");
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->contains(*IpAddress::parse("10.1.255.255")));
  EXPECT_TRUE(network->contains(*IpAddress::parse("::ffff:10.1.2.3")));
  EXPECT_FALSE(network->contains(*IpAddress::parse("10.2.0.0")));
  EXPECT_FALSE(network->contains(*IpAddress::parse("a01::")));
  EXPECT_TRUE(Network::parse("::/0")->contains(*IpAddress::parse("2001:db8::1")));
  EXPECT_EQ(Network::parse("192.0.2.7")->prefix, 32);
  for (int prefix = 0; prefix <= 32; ++prefix) {
    const auto wide = Network::parse("128.0.0.0/" + std::to_string(prefix));
    if (prefix == 0) {
      EXPECT_FALSE(wide) << "a host bit";
      continue;
    }
    const std::uint32_t inside = 0x80000000U | (prefix == 32 ? 0U : 0x7FFFFFFFU >> (prefix - 1));
    const auto at = [](std::uint32_t ip) {
      return IpAddress::from_v4(
          {static_cast<std::uint8_t>(ip >> 24), static_cast<std::uint8_t>(ip >> 16),
           static_cast<std::uint8_t>(ip >> 8), static_cast<std::uint8_t>(ip)});
    };
    EXPECT_TRUE(wide->contains(at(inside))) << prefix;
    EXPECT_FALSE(wide->contains(at(inside + 1))) << prefix;
    EXPECT_FALSE(wide->contains(at(0x7FFFFFFFU))) << prefix;
  }
}

TEST(Network, AMappedOneCountsItsPrefixAsIpv6) {
  EXPECT_EQ(Network::parse("::ffff:10.0.0.0/104")->text(), "10.0.0.0/8");
  EXPECT_EQ(Network::parse("::ffff:192.0.2.7")->text(), "192.0.2.7/32");
  EXPECT_EQ(Network::parse("::ffff:192.0.2.7/128")->text(), "192.0.2.7/32");
  EXPECT_EQ(Network::parse("::ffff:10.0.0.0/8").error().message,
            "\"::ffff:10.0.0.0/8\": the prefix must be 96 to 128");
}

TEST(Network, NamesTheRuleThatIsBroken) {
  EXPECT_EQ(Network::parse("10.1.2.3/8").error().message,
            "\"10.1.2.3/8\" has host bits set; the network is 10.0.0.0/8");
  EXPECT_EQ(Network::parse("10.0.0.0/33").error().message,
            "\"10.0.0.0/33\": the prefix must be 0 to 32");
  EXPECT_FALSE(Network::parse("10.0.0.0/"));
  EXPECT_FALSE(Network::parse("10.0.0.0/-1"));
  EXPECT_FALSE(Network::parse("example.com/8"));
}

TEST(SourceNetwork, IsTheAddressOrTheSlash64) {
  auto of = [](const char* text) { return source_network(*IpAddress::parse(text)); };
  EXPECT_NE(of("192.0.2.1"), of("192.0.2.2"));
  EXPECT_EQ(of("2001:db8::1"), of("2001:db8::ffff"));
  EXPECT_NE(of("2001:db8::1"), of("2001:db8:0:1::1"));
}

}  // namespace
}  // namespace sallyport
