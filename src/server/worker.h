// One thread with one event loop, its own listening sockets and the connections it accepted: they
// stay with it for life. Made, started, drained and joined by the server; post() from any thread,
// at() on its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "config/config.h"
#include "http/exchange.h"
#include "http/readiness.h"
#include "http/request.h"
#include "http/source_limit.h"
#include "http/tls_context.h"
#include "telemetry/metrics.h"

namespace sallyport::server {

// What a reload may change of a listener.
struct ListenerTerms {
  std::shared_ptr<http::TlsContext> tls;     // null on a plain one
  std::vector<Network> trusted_networks;     // who may connect; none = everybody
  std::vector<Network> proxy_protocol_from;  // who begins with a PROXY header
};

// And of all of them.
struct WorkerTerms {
  config::Limits limits;
  std::uint32_t max_connections = 0;  // of this worker; beyond, closed as soon as accepted
  std::vector<Network> trusted_proxies = {};
  http::SourceLimit* sources = nullptr;  // outlives the worker; null = nobody counts
};

class Worker final : public Loop {
 public:
  Worker(WorkerTerms terms, const Clock& clock, telemetry::Shard& shard);
  ~Worker() override;

  // Before start().
  void add_listener(int socket, http::Transport transport, ListenerTerms terms);
  void set_entry(std::unique_ptr<http::Entry> entry);
  http::ReadinessSource& sockets();          // on its thread; what it makes goes before it
  void on_tick(std::function<void()> call);  // every 100 ms, on its thread
  // Told at each tick how late the loop was for it, in microseconds.
  void on_lag(std::function<void(std::int64_t)> call);

  // On its thread: for connections from now on, and the limits for all of them. `listeners` in the
  // order of add_listener().
  void adopt(WorkerTerms terms, std::vector<ListenerTerms> listeners);

  void start();
  // Accepts what waits, then closes the listening sockets; idle connections end, busy ones after
  // their answer, and what is left after `patience` is given up. join() returns when all are gone.
  void drain(std::chrono::milliseconds patience);
  void join();

  void post(Callback callback) override;
  void at(std::int64_t monotonic_us, Callback callback) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::server
