// Everything that serves one data directory: store, tables, doors, workers, deliveries, telemetry.
// open() checks and loads, start() listens, stop() drains. Used by one thread, the control thread;
// apply() is how a change of entities comes into force.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "access/coverage.h"
#include "auth/key_uses.h"
#include "base/entities.h"
#include "base/result.h"
#include "config/config.h"
#include "server/serve.h"

namespace sallyport::admin {
class Commands;
struct Unlock;
}  // namespace sallyport::admin
namespace sallyport::auth {
class EntityStore;
class SigningKeys;
}  // namespace sallyport::auth
namespace sallyport::gateway {
class Router;
struct Doors;
}  // namespace sallyport::gateway
namespace sallyport::messaging {
class OperatorStore;
}

namespace sallyport::server {

struct Reloaded {
  std::uint64_t generation = 0;
  std::vector<std::string> takes_restart;  // what of the new configuration waits for a start
  std::vector<std::string> apis;           // the names that commands may use from now on
  std::vector<std::string> operations;
  std::vector<access::RouteShape> routes;
};

class Upkeep;

class Server {
 public:
  // Refused, with the reason: configuration, files that others can read, another server's lock, a
  // store that is missing or newer, demo entities on a listener beyond loopback.
  static Result<std::unique_ptr<Server>> open(const ServeOptions& options);
  ~Server();

  Result<void> start();
  // Drains: what was accepted is answered, attempts under way end, quotas are settled.
  void stop();

  // In force on every worker when it returns.
  void apply(const Change& change);
  // Configuration and certificates again, all of it or, with every problem in the error, nothing;
  // requests under way end as they began. The access log is opened anew in either case.
  Result<Reloaded> reload();
  // Keys that were used since the last call; what is left at stop() is stored by it.
  std::vector<auth::KeyUse> take_key_uses();
  void apply(const auth::SigningKeys& keys);
  // From here on what users bring about is carried out by `commands`, under `mutex`; both outlive
  // stop().
  void administer(admin::Commands& commands, std::mutex& mutex);
  void unlock(const admin::Unlock& unlock);

  const config::Config& config() const;  // as at the start
  auth::EntityStore& entities();
  messaging::OperatorStore& messages();
  void wake_deliveries();  // something may be due
  const Entities& loaded()
      const;  // all but keys and users, as at open(); dropped by forget_loaded()
  void forget_loaded();
  std::shared_ptr<const gateway::Router> router() const;
  gateway::Doors doors();
  Upkeep& upkeep();  // answers what was used until now

  std::string url() const;          // of the first TLS listener, else of the first one
  std::string metrics_url() const;  // "" when telemetry is off
  std::string outbox() const;
  std::string access_log() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::server
