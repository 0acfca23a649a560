// Addresses and networks as values. IPv4 inside IPv6 (::ffff:a.b.c.d) is IPv4 everywhere.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  // IPv4 in the first four
  bool v6 = false;

  bool operator==(const IpAddress&) const = default;
  std::string text() const;  // canonical (RFC 5952)
  bool is_loopback() const;
  static std::optional<IpAddress> parse(std::string_view text);  // no zone, no port
  static IpAddress from_v4(std::array<std::uint8_t, 4> bytes);
  static IpAddress from_v6(std::array<std::uint8_t, 16> bytes);  // unwraps ::ffff:0:0/96
};

struct Network {
  IpAddress address;
  std::uint8_t prefix = 0;

  bool operator==(const Network&) const = default;
  bool contains(const IpAddress& ip) const;
  std::string text() const;
  // "10.0.0.0/8", "::1"; host bits that are set are an error that names the network meant.
  // "::ffff:10.0.0.0/104" is 10.0.0.0/8.
  static Result<Network> parse(std::string_view text);
};

// Whom failures are charged to: IPv4 /32, IPv6 /64. A stable 64-bit value.
std::uint64_t source_network(const IpAddress& ip);

}  // namespace sallyport
