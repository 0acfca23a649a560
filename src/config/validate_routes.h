// What must hold of upstreams and of the routes that lead to them, beyond what is right key by key.
// Called by validate() only; the headers that rules must leave alone are for proxy/ too.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "config/validate.h"

namespace sallyport::config {

void check_upstreams(const Config& config, const Findings& findings);
// `name` is the API's place, "api[0]"; `upstreams` are the names there are.
void check_forwarding(const Api& api, const std::string& name,
                      const std::set<std::string>& upstreams, const Findings& findings);

// Headers that framing, routing and trust rest on: no rule of a route sets or removes them. `name`
// in lower case; '_' counts as '-'.
bool is_reserved_request_header(std::string_view name);
bool is_reserved_response_header(std::string_view name);

// A piece of a canonical path: "/v2/orders", no slash at its end.
bool is_path_prefix(std::string_view text);
// Of APIs and upstreams: 1 to 64 letters, digits, '-' and '_'.
bool is_plain_name(std::string_view text);

}  // namespace sallyport::config
