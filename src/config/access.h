// Which doors stand before an API or a route, and how a user may prove who they are. Values.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sallyport::config {

// None is never a default.
enum class Doors : std::uint8_t { KeyAndUser, KeyOnly, UserOnly, None };
constexpr bool asks_key(Doors doors) {
  return doors == Doors::KeyAndUser || doors == Doors::KeyOnly;
}
constexpr bool asks_user(Doors doors) {
  return doors == Doors::KeyAndUser || doors == Doors::UserOnly;
}
enum class Scheme : std::uint8_t { Bearer, Basic, Certificate };

std::string_view to_string(Doors doors);    // "key and user"
std::string_view to_string(Scheme scheme);  // "bearer"

// What must be passed on the way in: of an API, and of a route that says it for itself.
struct Access {
  Doors doors = Doors::KeyAndUser;
  // Nothing when no user is asked for; a certificate counts only where it is named.
  std::vector<Scheme> auth{Scheme::Bearer, Scheme::Basic};
  bool operator==(const Access&) const = default;
  bool accepts(Scheme scheme) const {
    for (const Scheme one : auth) {
      if (one == scheme) return true;
    }
    return false;
  }
};

}  // namespace sallyport::config
