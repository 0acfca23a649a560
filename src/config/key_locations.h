// Where an API's keys may stand in a request. A value, immutable once read; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::config {

// Where the API key may stand. Whatever is forwarded has none of these fields and pairs any more.
struct KeyLocations {
  std::vector<std::string> headers{"x-api-key"};  // lower case
  std::vector<std::string> queries{"apikey"};     // lower case; none in modern unless set

  bool has_header(std::string_view lower_case) const;
  bool has_query(std::string_view decoded_name) const;  // compared without case
};

}  // namespace sallyport::config
