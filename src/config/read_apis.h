// Reads [[upstream]] and [[api]] with all that lies below them. Called by parse() only.
#pragma once

#include "config/config.h"
#include "config/reading.h"

namespace sallyport::config {

void read_upstreams(const Scope& root, Config& config);
void read_apis(const Scope& root, Config& config);

// "https://orders.internal:8443" -> its parts; the port is the scheme's own when there is none.
// False when it is not of this form.
bool parse_endpoint(std::string_view text, Endpoint& endpoint, bool& tls);
// "X-Region: eu" -> name and value; false without a name, a colon or a value.
bool parse_header_value(std::string_view text, HeaderValue& header);

}  // namespace sallyport::config
