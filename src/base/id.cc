#include "base/id.h"

#include "base/clock.h"
#include "base/encoding.h"
#include "base/random.h"

namespace sallyport {
std::string hex_upper(std::uint64_t value) {
  std::string text;
  append_hex_upper(text, value);
  return text;
}

std::optional<std::uint64_t> parse_hex_upper(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<unsigned>(c - '0');
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<unsigned>(c - 'A') + 10U;
    } else {
      return std::nullopt;
    }
    value = (value << 4) | digit;
  }
  return value;
}

std::optional<MessageId> MessageId::parse(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  const auto high = parse_hex_upper(text.substr(0, 16));
  const auto low = parse_hex_upper(text.substr(16));
  if (!high || !low) return std::nullopt;
  return MessageId{*high, *low};
}

MessageId make_message_id(const Clock& clock, Random& random) {
  const auto ms = static_cast<std::uint64_t>(clock.unix_us() / 1000);
  return MessageId{(ms << 16) | (random.next_u64() & 0xFFFF), random.next_u64()};
}

template <class IdType>
IdType make_id(Random& random) {
  for (;;) {
    const std::uint64_t value = random.next_u64();
    if (value != 0) return IdType{value};
  }
}

template AccountId make_id<AccountId>(Random&);
template DeveloperId make_id<DeveloperId>(Random&);
template ApplicationId make_id<ApplicationId>(Random&);
template PlanId make_id<PlanId>(Random&);
template SubscriptionId make_id<SubscriptionId>(Random&);
template GrantId make_id<GrantId>(Random&);
template UserId make_id<UserId>(Random&);
template RoleId make_id<RoleId>(Random&);
template WorkspaceId make_id<WorkspaceId>(Random&);
template SenderId make_id<SenderId>(Random&);

template <>
KeyId make_id<KeyId>(Random& random) {
  for (;;) {
    const std::uint64_t value = random.next_u64() >> 4;  // 60 bits: 12 Crockford digits
    if (value != 0) return KeyId{value};
  }
}

}  // namespace sallyport
