// The Accept field's grammar (RFC 9110 12.5.1), read once for everybody who negotiates: the doors
// and the engine. Pure functions, any thread; what cannot be read is left out, never an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace sallyport::http {

inline constexpr int kFullQuality = 1000;

struct MediaRange {
  std::string type;            // "application/json", "*/*", lower case
  std::string_view written;    // the same as the client wrote it
  int quality = kFullQuality;  // thousandths; an unreadable one counts as if it were not there
  bool usable = true;          // its charset is UTF-8 or not given
};

// In the order of the field; what comes after the 64th is not looked at.
std::vector<MediaRange> parse_accept(std::string_view accept);

// Repeated fields of one name as the one list they stand for (RFC 9110 5.3).
std::string joined(const Request& request, std::string_view name);

struct MediaParameter {
  std::string name;  // lower case
  std::string_view value;
};
struct MediaTypeText {
  std::string type;  // lower case, without parameters
  std::vector<MediaParameter> parameters;
};
MediaTypeText parse_media_type(std::string_view text);
bool is_utf8_charset(std::string_view value);

}  // namespace sallyport::http
