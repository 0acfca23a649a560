#include "admin/api_routes.h"

#include <algorithm>

#include "messaging/engine.h"

namespace sallyport::admin {
namespace {

using http::Method;

// HEAD goes where GET goes.
constexpr Method kEveryMethod[] = {Method::Get,   Method::Post,   Method::Put,
                                   Method::Patch, Method::Delete, Method::Options};

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

std::vector<std::string> operation_names(const config::Config& config) {
  std::vector<std::string> names;
  for (const auto& route : messaging::Engine::routes()) add_once(names, route.operation);
  for (const config::Api& api : config.apis) {
    for (const config::Route& route : api.routes) add_once(names, route.operation);
  }
  return names;
}

std::vector<gateway::RouteSpec> api_routes(const config::Api& api, const HandlerOf& handler_of) {
  std::vector<gateway::RouteSpec> specs;
  if (!api.engine.empty()) {
    http::Handler* engine = handler_of(nullptr);
    for (const auto& route : messaging::Engine::routes()) {
      specs.push_back({route.method, route.pattern, route.operation, engine});
    }
  }
  for (const config::Route& route : api.routes) {
    http::Handler* handler = handler_of(&route);
    std::vector<Method> methods;
    for (const std::string& name : route.methods) {
      if (const auto method = http::parse_method(name)) methods.push_back(*method);
    }
    if (methods.empty()) methods.assign(std::begin(kEveryMethod), std::end(kEveryMethod));
    for (const Method method : methods) {
      specs.push_back({method, route.path, route.operation, handler, route.access, route.keep,
                       route.overrides});
    }
  }
  return specs;
}

}  // namespace sallyport::admin
