// Typed identifiers. Entities carry 64 random bits, written as 16 upper-case hexadecimal digits;
// messages carry 128 bits (48 of milliseconds, 80 random), written as 32. Zero means "none".
// Values, any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

std::string hex_upper(std::uint64_t value);                           // always 16 digits
std::optional<std::uint64_t> parse_hex_upper(std::string_view text);  // 16 upper-case digits only

template <class Tag>
struct Id {
  std::uint64_t value = 0;

  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
  std::string hex() const { return hex_upper(value); }
  static std::optional<Id> parse(std::string_view text) {
    auto parsed = parse_hex_upper(text);
    if (!parsed) return std::nullopt;
    return Id{*parsed};
  }
};

using AccountId = Id<struct AccountTag>;
using DeveloperId = Id<struct DeveloperTag>;
using ApplicationId = Id<struct ApplicationTag>;
using PlanId = Id<struct PlanTag>;
using SubscriptionId = Id<struct SubscriptionTag>;
using KeyId = Id<struct KeyTag>;  // of our own keys the 12 Crockford digits: 60 bits
using GrantId = Id<struct GrantTag>;
using UserId = Id<struct UserTag>;
using RoleId = Id<struct RoleTag>;
using WorkspaceId = Id<struct WorkspaceTag>;
using SenderId = Id<struct SenderTag>;

struct MessageId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  explicit operator bool() const { return (high | low) != 0; }
  auto operator<=>(const MessageId&) const = default;
  std::string hex() const { return hex_upper(high) + hex_upper(low); }  // 32 digits
  static std::optional<MessageId> parse(std::string_view text);
};

class Clock;
class Random;

MessageId make_message_id(const Clock& clock, Random& random);

template <class IdType>
IdType make_id(Random& random);

}  // namespace sallyport

template <class Tag>
struct std::hash<sallyport::Id<Tag>> {
  std::size_t operator()(const sallyport::Id<Tag>& id) const noexcept {
    return static_cast<std::size_t>(id.value * 0x9E3779B97F4A7C15ULL);
  }
};
