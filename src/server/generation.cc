#include "server/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "admin/api_routes.h"
#include "auth/account_names.h"

namespace sallyport::server {
namespace {

std::string default_url(const std::string& host, std::uint16_t port) {
  const bool bare_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  const std::string name = bare_v6 ? fmt::format("[{}]", host) : host;
  return port == 443 ? fmt::format("https://{}", name) : fmt::format("https://{}:{}", name, port);
}

// Whether any request to the API may reach an upstream that gets assertions.
bool asserts(const config::Api& api, const config::Config& config) {
  std::vector<const config::UpstreamChoice*> choices = {&api.upstream};
  for (const config::VirtualHost& host : api.hosts) choices.push_back(&host.upstream);
  for (const config::Route& route : api.routes) choices.push_back(&route.upstream);
  return std::ranges::any_of(config.upstreams, [&](const config::Upstream& one) {
    return !one.assertion.audience.empty() &&
           std::ranges::any_of(choices, [&one](const config::UpstreamChoice* choice) {
             return choice->live == one.name || choice->test == one.name;
           });
  });
}

Result<gateway::ApiSpec> spec_of(const config::Api& api, const Surroundings& around,
                                 Generation& made) {
  auto accounts =
      auth::find_accounts(around.tables.directory, around.tables.accounts(), api.accounts);
  if (!accounts) {
    return fail(accounts.error().kind,
                fmt::format("api \"{}\": {}", api.name, accounts.error().message));
  }
  gateway::ApiSpec spec{api,
                        {},
                        std::move(*accounts),
                        &around.issuers.own(),
                        around.issuers.outside(api.issuers),
                        around.issuers.lifetime()};
  spec.asserts = asserts(api, *made.config);
  for (config::VirtualHost& host : spec.settings.hosts) {
    if (host.public_url.empty()) host.public_url = default_url(host.host, around.port);
  }
  spec.routes = admin::api_routes(api, [&](const config::Route* route) -> http::Handler* {
    return route == nullptr ? made.engine.get() : made.proxy->handler(api, *route);
  });
  return spec;
}

void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

Result<std::shared_ptr<Generation>> make_generation(std::shared_ptr<const config::Config> config,
                                                    std::shared_ptr<proxy::Upstreams> upstreams,
                                                    const Surroundings& around,
                                                    const WorkerPlace& worker) {
  auto made = std::make_shared<Generation>();
  made->config = std::move(config);
  made->upstreams = std::move(upstreams);
  const auto& list = made->upstreams->list();
  made->assertions = std::make_unique<AssertionKeys>(around.issuers.own(), around.clock);
  made->proxy = std::make_unique<proxy::Proxy>(*made->config, list, worker.sockets, around.clock,
                                               worker.count, made->assertions.get());
  if (worker.index == 0) {
    made->health = std::make_unique<proxy::HealthChecks>(list, worker.sockets, around.clock);
  }
  Tables& tables = around.tables;
  made->engine = std::make_unique<messaging::Engine>(
      *made->config, around.store, tables.workspaces, worker.loop, around.clock, worker.random,
      around.wake_scheduler, [&tables](AccountId account) { return tables.time_zone_of(account); },
      &tables.senders);
  std::vector<gateway::ApiSpec> specs;
  for (const config::Api& api : made->config->apis) {
    auto spec = spec_of(api, around, *made);
    if (!spec) return std::unexpected(spec.error());
    specs.push_back(std::move(*spec));
  }
  auto router = gateway::Router::build(std::move(specs), tables.policy.catalog());
  if (!router) return std::unexpected(router.error());
  made->router = std::move(*router);
  return made;
}

access::Catalog extended_catalog(const access::Catalog& known, const config::Config& config) {
  std::vector<std::string> apis = known.apis();
  for (const config::Api& api : config.apis) add_new(apis, api.name);
  std::vector<std::string> operations = known.operations();
  for (const std::string& name : admin::operation_names(config)) add_new(operations, name);
  return {std::move(apis), std::move(operations)};
}

}  // namespace sallyport::server
