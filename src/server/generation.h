// What one worker serves requests with under one configuration: the routes and what stands behind
// them. Made on the control thread, used and freed on the worker's; a request that has begun holds
// the generation it began with until it has ended.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/result.h"
#include "config/config.h"
#include "gateway/router.h"
#include "messaging/engine.h"
#include "messaging/message_store.h"
#include "proxy/health_checks.h"
#include "proxy/proxy.h"
#include "proxy/upstreams.h"
#include "server/assertion_keys.h"
#include "server/tables.h"
#include "server/token_issuers.h"

namespace sallyport::server {

struct Generation {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<proxy::Upstreams> upstreams;
  std::unique_ptr<messaging::Engine> engine;
  std::unique_ptr<AssertionKeys> assertions;
  std::unique_ptr<proxy::Proxy> proxy;
  std::unique_ptr<proxy::HealthChecks> health;  // on one worker, for all; while in force
  std::unique_ptr<gateway::Router> router;
};

// Keeps all of the generation.
inline std::shared_ptr<const gateway::Router> router_of(
    const std::shared_ptr<Generation>& generation) {
  return {generation, generation->router.get()};
}

// What generations are made from and do not own.
struct Surroundings {
  messaging::MessageStore& store;
  Tables& tables;
  const Clock& clock;
  std::function<void()> wake_scheduler;
  std::uint16_t port = 0;  // that clients reach us by when an API has no public_url
  const TokenIssuers& issuers;
};

// The worker that a generation is for.
struct WorkerPlace {
  Loop& loop;
  Random& random;
  http::ReadinessSource& sockets;
  std::size_t index = 0;
  std::size_t count = 1;
};

// Invalid: what the router refuses. The names of its APIs are in the tables' catalogue by then.
Result<std::shared_ptr<Generation>> make_generation(std::shared_ptr<const config::Config> config,
                                                    std::shared_ptr<proxy::Upstreams> upstreams,
                                                    const Surroundings& around,
                                                    const WorkerPlace& worker);

// The names that rules may use under `config`, behind those that are known already.
access::Catalog extended_catalog(const access::Catalog& known, const config::Config& config);

}  // namespace sallyport::server
