#include "config/key_locations.h"

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::config {

bool KeyLocations::has_header(std::string_view lower_case) const {
  return std::ranges::find(headers, lower_case) != headers.end();
}

bool KeyLocations::has_query(std::string_view decoded_name) const {
  return std::ranges::any_of(queries, [decoded_name](const std::string& name) {
    return equal_ascii_case(decoded_name, name);
  });
}

}  // namespace sallyport::config
