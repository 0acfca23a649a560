// Which trailers pass through the gateway, where a route lets any. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::proxy {

// `lines` are "name: value\r\n". Trailers never speak for the framing, the routing or the gateway
// (RFC 9110 6.5.1).
void append_trailers(std::string& out, std::string_view lines, bool of_request);

}  // namespace sallyport::proxy
