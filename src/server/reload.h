// A configuration to come: everything that can fail on the way to it, done before any worker sees a
// part of it. On the control thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "http/tls_context.h"
#include "server/generation.h"
#include "server/serve.h"
#include "server/tables.h"
#include "server/worker.h"
#include "telemetry/metrics.h"

namespace sallyport::server {

struct Prepared {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<proxy::Upstreams> upstreams;
  std::vector<std::shared_ptr<http::TlsContext>> tls;    // of each listener
  std::vector<std::shared_ptr<Generation>> generations;  // of each worker
  std::vector<std::string> takes_restart;
};

// What a reload starts from.
struct InForce {
  const ServeOptions& options;
  std::string_view started_text;  // of the file at the start
  const config::Config& config;
  const proxy::Upstreams& upstreams;
  Surroundings around;
  telemetry::Metrics& metrics;
  http::TicketKeys& tickets;
  std::vector<WorkerPlace> workers;
};

// Invalid, with every problem; Exhausted, when too many names have come in since the start. Nothing
// that a request can see has changed then.
Result<Prepared> prepare_reload(const InForce& in_force);

// What the workers and their listeners go by under a configuration, at the start and afterwards.
// The process's limits are shared out among `workers`; `sources` gets its own.
WorkerTerms worker_terms(const config::Config& config, std::size_t workers,
                         http::SourceLimit& sources);
std::vector<ListenerTerms> listener_terms(
    const config::Config& config, const std::vector<std::shared_ptr<http::TlsContext>>& tls);

}  // namespace sallyport::server
