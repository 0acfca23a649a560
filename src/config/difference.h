// What differs between two texts of sallyport.toml, key by key, for whoever must say which of it
// takes a restart. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::config {

struct Difference {
  std::string name;    // "listener[0].port"
  std::string before;  // as TOML would write it; empty = not set
  std::string after;

  std::string to_string() const;  // "listener[0].port: 8443 -> 9443"
};

// In the order of `after`'s text, then what is only in `before`. Both must be well-formed TOML: of
// a text that is not, nothing is known and everything differs.
std::vector<Difference> differences(std::string_view before, std::string_view after);

}  // namespace sallyport::config
