#include "proxy/trailers.h"

#include "proxy/field_rules.h"

namespace sallyport::proxy {

void append_trailers(std::string& out, std::string_view lines, bool of_request) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    const std::string_view name = line.substr(0, line.find(':'));
    const bool dropped =
        name.empty() ||
        (of_request ? is_dropped_from_request(name) : is_dropped_from_response(name)) ||
        same_name(name, "authorization") || same_name(name, "content-type") ||
        same_name(name, "content-encoding") || same_name(name, "set-cookie") ||
        same_name(name, "cookie") || same_name(name, "x-api-key");
    if (!dropped) {
      out += line;
      out += "\r\n";
    }
    if (end == std::string_view::npos) break;
    lines.remove_prefix(end + 2);
  }
}

}  // namespace sallyport::proxy
