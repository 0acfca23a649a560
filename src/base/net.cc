#include "base/net.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sallyport {
namespace {

constexpr std::uint8_t kMappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

IpAddress masked(IpAddress ip, std::size_t prefix) {
  const std::size_t bits = ip.v6 ? 128 : 32;
  for (std::size_t bit = prefix; bit < bits; ++bit) {
    ip.bytes[bit / 8] = static_cast<std::uint8_t>(ip.bytes[bit / 8] & ~(1U << (7 - bit % 8)));
  }
  return ip;
}

}  // namespace

std::string IpAddress::text() const {
  if (!v6) {  // inet_ntop prints it with sprintf, and this is on every request's path
    std::array<char, INET_ADDRSTRLEN> digits;
    char* end = digits.data();
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) *end++ = '.';
      end = std::to_chars(end, digits.data() + digits.size(), bytes[i]).ptr;
    }
    return {digits.data(), end};
  }
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
  return buffer;
}

bool IpAddress::is_loopback() const {
  if (!v6) return bytes[0] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; }) &&
         bytes[15] == 1;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return from_v4(v4);
  std::array<std::uint8_t, 16> v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) return from_v6(v6);
  return std::nullopt;
}

IpAddress IpAddress::from_v4(std::array<std::uint8_t, 4> bytes) {
  IpAddress ip;
  std::copy(bytes.begin(), bytes.end(), ip.bytes.begin());
  return ip;
}

IpAddress IpAddress::from_v6(std::array<std::uint8_t, 16> bytes) {
  if (std::equal(std::begin(kMappedPrefix), std::end(kMappedPrefix), bytes.begin())) {
    return from_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  IpAddress ip;
  ip.bytes = bytes;
  ip.v6 = true;
  return ip;
}

bool Network::contains(const IpAddress& ip) const {
  if (ip.v6 != address.v6) return false;
  const std::size_t whole = prefix / 8;
  if (std::memcmp(ip.bytes.data(), address.bytes.data(), whole) != 0) return false;
  if (prefix % 8 == 0) return true;
  const unsigned differs = static_cast<unsigned>(ip.bytes[whole] ^ address.bytes[whole]);
  return differs >> (8 - prefix % 8) == 0;
}

std::string Network::text() const { return address.text() + "/" + std::to_string(prefix); }

Result<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return fail(ErrorKind::Invalid, "\"" + std::string(text) +
                                        "\" is not a network: expected ADDRESS or ADDRESS/PREFIX");
  }
  // Of an IPv4 address written as IPv6 the prefix counts the 96 bits before it too.
  const bool mapped = !address->v6 && text.find(':') != std::string_view::npos;
  const unsigned least = mapped ? 96 : 0;
  const unsigned bits = address->v6 || mapped ? 128 : 32;
  unsigned prefix = bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() ||
        prefix > bits || prefix < least) {
      return fail(ErrorKind::Invalid, "\"" + std::string(text) + "\": the prefix must be " +
                                          std::to_string(least) + " to " + std::to_string(bits));
    }
  }
  prefix -= least;
  const IpAddress base = masked(*address, prefix);
  if (base != *address) {
    return fail(ErrorKind::Invalid, "\"" + std::string(text) +
                                        "\" has host bits set; the network is " + base.text() +
                                        "/" + std::to_string(prefix));
  }
  return Network{*address, static_cast<std::uint8_t>(prefix)};
}

std::uint64_t source_network(const IpAddress& ip) {
  std::uint64_t value = 0;
  if (!ip.v6) {
    std::uint32_t v4 = 0;
    std::memcpy(&v4, ip.bytes.data(), sizeof v4);
    return 0x0004'0000'0000'0000ULL | v4;
  }
  std::memcpy(&value, ip.bytes.data(), sizeof value);
  return value ^ 0x0600'0000'0000'0006ULL;  // apart from the IPv4 values
}

}  // namespace sallyport
