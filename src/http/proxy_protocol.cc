#include "http/proxy_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace sallyport::http {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::string_view kTextStart = "PROXY ";
constexpr std::size_t kMaxText = 107;  // section 2.1, with CRLF
constexpr std::size_t kFixed = 16;     // of version 2
// Addresses of a Unix socket are the longest (216); the rest is for TLVs, which a balancer's
// certificate can make long.
constexpr std::size_t kMaxBinary = 4096;
constexpr std::uint8_t kTypeSsl = 0x20;
constexpr std::uint8_t kClientSsl = 0x01;

std::size_t number_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[at])) << 8U |
         static_cast<std::uint8_t>(bytes[at + 1]);
}

// Decimal, without a sign, and without a zero in front (section 2.1).
std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> address_at(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, kSize> address{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), kSize, address.begin());
  return address;
}

}  // namespace

ProxyHeaderReader::State ProxyHeaderReader::feed(std::string_view arrived, std::size_t& taken) {
  taken = 0;
  if (arrived.empty()) return State::More;
  const char first = bytes_.empty() ? arrived.front() : bytes_.front();
  return first == kSignature.front() ? feed_binary(arrived, taken) : feed_text(arrived, taken);
}

ProxyHeaderReader::State ProxyHeaderReader::feed_text(std::string_view arrived,
                                                      std::size_t& taken) {
  const std::size_t newline = arrived.find('\n');
  taken = newline == std::string_view::npos ? arrived.size() : newline + 1;
  bytes_.append(arrived.substr(0, taken));
  const std::size_t known = std::min(bytes_.size(), kTextStart.size());
  if (bytes_.compare(0, known, kTextStart, 0, known) != 0 || bytes_.size() > kMaxText) {
    return State::Malformed;
  }
  if (newline == std::string_view::npos) {
    return bytes_.size() == kMaxText ? State::Malformed : State::More;
  }
  if (!bytes_.ends_with("\r\n")) return State::Malformed;
  const std::string_view line(bytes_);
  return read_text(line.substr(kTextStart.size(), line.size() - kTextStart.size() - 2))
             ? State::Done
             : State::Malformed;
}

// "TCP4 192.0.2.1 192.0.2.9 56324 443", one blank between two words.
bool ProxyHeaderReader::read_text(std::string_view line) {
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return true;
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t blank = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, blank - at));
    at = blank + 1;
  }
  if (words.size() != 5 || (words[0] != "TCP4" && words[0] != "TCP6")) return false;
  const bool v6 = words[0] == "TCP6";
  for (const std::string_view word : {words[1], words[2]}) {
    if ((word.find(':') != std::string_view::npos) != v6) return false;
  }
  const auto client = IpAddress::parse(words[1]);
  const auto port = port_of(words[3]);
  if (!client || !IpAddress::parse(words[2]) || !port || !port_of(words[4])) return false;
  header_.client = client;
  header_.client_port = *port;
  return true;
}

ProxyHeaderReader::State ProxyHeaderReader::feed_binary(std::string_view arrived,
                                                        std::size_t& taken) {
  for (;;) {
    std::size_t whole = kFixed;
    if (bytes_.size() >= kFixed) whole += number_at(bytes_, 14);
    if (whole > kMaxBinary) return State::Malformed;
    const std::size_t part = std::min(whole - bytes_.size(), arrived.size() - taken);
    bytes_.append(arrived.substr(taken, part));
    taken += part;
    const std::size_t known = std::min(bytes_.size(), kSignature.size());
    if (bytes_.compare(0, known, kSignature, 0, known) != 0) return State::Malformed;
    if (bytes_.size() < whole) return State::More;
    if (whole == kFixed && number_at(bytes_, 14) != 0) continue;
    return read_binary() ? State::Done : State::Malformed;
  }
}

bool ProxyHeaderReader::read_binary() {
  const auto version_command = static_cast<std::uint8_t>(bytes_[12]);
  const auto family = static_cast<std::uint8_t>(bytes_[13]);
  if (version_command == 0x20) return true;  // LOCAL: the rest is to be skipped
  if (version_command != 0x21) return false;
  const std::string_view body = std::string_view(bytes_).substr(kFixed);
  std::size_t addresses = 0;
  if (family == 0x11) {  // TCP over IPv4
    addresses = 12;
    if (body.size() < addresses) return false;
    header_.client = IpAddress::from_v4(address_at<4>(body, 0));
    header_.client_port = static_cast<std::uint16_t>(number_at(body, 8));
  } else if (family == 0x21) {  // TCP over IPv6
    addresses = 36;
    if (body.size() < addresses) return false;
    header_.client = IpAddress::from_v6(address_at<16>(body, 0));
    header_.client_port = static_cast<std::uint16_t>(number_at(body, 32));
  } else if (family == 0x31) {  // a Unix socket: no address of use
    addresses = 216;
    if (body.size() < addresses) return false;
  } else if (family != 0x00) {
    return false;  // datagrams, and what was never defined
  } else {
    return true;  // UNSPEC: the rest is to be skipped
  }
  return read_vectors(body.substr(addresses));
}

bool ProxyHeaderReader::read_vectors(std::string_view vectors) {
  while (!vectors.empty()) {
    if (vectors.size() < 3) return false;
    const auto type = static_cast<std::uint8_t>(vectors[0]);
    const std::size_t size = number_at(vectors, 1);
    if (vectors.size() < 3 + size) return false;
    const std::string_view value = vectors.substr(3, size);
    if (type == kTypeSsl) {
      if (value.size() < 5 || header_.tls) return false;
      header_.tls = (static_cast<std::uint8_t>(value[0]) & kClientSsl) != 0;
    }
    vectors.remove_prefix(3 + size);
  }
  return true;
}

}  // namespace sallyport::http
