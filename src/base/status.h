// The states that entities are in. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport {

enum class Status : std::uint8_t {
  Active,
  Suspended,  // account, subscription
  Waiting,    // developer, subscription, key
  Disabled,   // developer, application, key
  Inactive,   // plan, user
  Ended,      // subscription
  Unclaimed,  // key
  Revoked,    // key, final
  Pending,    // user
  Blocked,    // user
  Deleted,    // user
};
std::string_view to_string(Status status);  // "active", ...
std::optional<Status> parse_status(std::string_view text);

}  // namespace sallyport
