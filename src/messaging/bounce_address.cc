#include "messaging/bounce_address.h"

#include <fmt/core.h>

#include <charconv>

#include "base/crypto.h"
#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

constexpr std::string_view kPrefix = "b-";
constexpr std::size_t kMacDigits = 16;  // 64 bits: to be guessed over the network
constexpr std::size_t kIdDigits = 32;

std::string mac_of(const BounceAddress& of, const Secret& key) {
  const Digest mac =
      hmac_sha256(key.reveal(), fmt::format("bounce {} {}", of.message.hex(), of.recipient));
  return hex_lower(std::span(mac).first(kMacDigits / 2));
}

}  // namespace

std::string bounce_address(const BounceAddress& of, std::string_view domain, const Secret& key) {
  return fmt::format("{}{}-{}-{}@{}", kPrefix, ascii_lower(of.message.hex()), of.recipient,
                     mac_of(of, key), domain);
}

std::optional<BounceAddress> parse_bounce_address(std::string_view address, std::string_view domain,
                                                  const Secret& key) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || !equal_ascii_case(address.substr(at + 1), domain)) {
    return std::nullopt;
  }
  std::string local = ascii_lower(address.substr(0, at));
  if (!local.starts_with(kPrefix) || local.size() < kPrefix.size() + kIdDigits + 2) {
    return std::nullopt;
  }
  std::string id = local.substr(kPrefix.size(), kIdDigits);
  for (char& c : id) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  const auto message = MessageId::parse(id);
  const std::string_view rest = std::string_view(local).substr(kPrefix.size() + kIdDigits);
  const std::size_t dash = rest.find('-', 1);
  if (!message || rest.front() != '-' || dash == std::string_view::npos) return std::nullopt;
  BounceAddress found{*message, 0};
  const std::string_view number = rest.substr(1, dash - 1);
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), found.recipient);
  if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  if (!equal_constant_time(rest.substr(dash + 1), mac_of(found, key))) return std::nullopt;
  return found;
}

}  // namespace sallyport::messaging
