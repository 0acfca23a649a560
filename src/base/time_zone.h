// Time zones by number, so that limits stay small values: each named zone of the IANA database gets
// one for the life of the process. Any thread; making one takes a lock, using one does not.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

struct ZoneId {
  std::uint16_t value = 0;
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const ZoneId&) const = default;
};
inline constexpr ZoneId kUtc{1};

// Nothing for a name that the database does not have.
std::optional<ZoneId> find_zone(std::string_view name);
std::string_view zone_name(ZoneId zone);  // "" of none

}  // namespace sallyport
