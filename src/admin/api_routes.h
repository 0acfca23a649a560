// What the configured APIs publish: the names of their operations, and their routes with who
// answers them. One list for the server, for `explain` without one, and for the checks of roles and
// plans.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/config.h"
#include "gateway/router.h"

namespace sallyport::admin {

// The engine's, then those that routes name; each once.
std::vector<std::string> operation_names(const config::Config& config);

// `handler_of` is called with the route of the configuration, nullptr for one of the engine's.
using HandlerOf = std::function<http::Handler*(const config::Route* route)>;
std::vector<gateway::RouteSpec> api_routes(const config::Api& api, const HandlerOf& handler_of);

}  // namespace sallyport::admin
