#include "server/reload.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "server/configuration.h"
#include "server/listeners.h"

namespace sallyport::server {

Result<Prepared> prepare_reload(const InForce& in_force) {
  auto read = load_configuration_again(in_force.options, in_force.around.clock);
  if (!read) return std::unexpected(read.error());
  Prepared next;
  next.takes_restart = takes_restart(in_force.started_text, read->text);
  next.config = std::make_shared<const config::Config>(
      without_restart(in_force.config, std::move(read->config)));
  for (const config::Listener& listener : next.config->listeners) {
    auto context = load_tls(listener, *next.config, in_force.tickets);
    if (!context) return std::unexpected(context.error());
    next.tls.push_back(std::move(*context));
  }
  auto upstreams = proxy::Upstreams::open(*next.config, in_force.around.clock, &in_force.upstreams);
  if (!upstreams) return std::unexpected(upstreams.error());
  next.upstreams = std::move(*upstreams);
  Tables& tables = in_force.around.tables;
  access::Catalog catalog = extended_catalog(tables.policy.catalog(), *next.config);
  if (!in_force.metrics.has_room_for(catalog.apis().size())) {
    return fail(ErrorKind::Exhausted,
                fmt::format("more than {} names of APIs have come in since the start; a restart "
                            "forgets the old ones",
                            telemetry::Metrics::kRoomForApis));
  }
  // Known names stay, so nobody sees a difference before a router asks for a new one.
  tables.extend(std::move(catalog));
  in_force.metrics.name_apis(tables.policy.catalog().apis());
  for (const WorkerPlace& worker : in_force.workers) {
    auto made = make_generation(next.config, next.upstreams, in_force.around, worker);
    if (!made) return std::unexpected(made.error());
    next.generations.push_back(std::move(*made));
  }
  return next;
}

WorkerTerms worker_terms(const config::Config& config, std::size_t workers,
                         http::SourceLimit& sources) {
  const std::uint32_t most = config.server.max_connections;
  const std::uint32_t of_source = config.server.max_connections_per_source;
  // Without being told, one source leaves a quarter to the others.
  sources.set_most(of_source != 0 ? of_source : std::max(1U, most / 4 * 3));
  return {config.limits, static_cast<std::uint32_t>(std::max<std::size_t>(1, most / workers)),
          config.trusted_proxies, &sources};
}

std::vector<ListenerTerms> listener_terms(
    const config::Config& config, const std::vector<std::shared_ptr<http::TlsContext>>& tls) {
  std::vector<ListenerTerms> terms;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const config::Listener& listener = config.listeners[i];
    terms.push_back({tls[i], listener.trusted_networks, listener.proxy_protocol_from});
  }
  return terms;
}

}  // namespace sallyport::server
