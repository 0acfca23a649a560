#include "server/server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "admin/api_routes.h"
#include "admin/secrets_directory.h"
#include "auth/failure_budget.h"
#include "auth/verifier.h"
#include "base/log.h"
#include "gateway/filter_chain.h"
#include "gateway/gateway.h"
#include "gateway/router.h"
#include "messaging/channels/file.h"
#include "messaging/channels/net_connector.h"
#include "messaging/channels/smtp.h"
#include "messaging/engine.h"
#include "messaging/scheduler.h"
#include "server/configuration.h"
#include "server/listeners.h"
#include "server/tables.h"
#include "server/telemetry_entry.h"
#include "server/worker.h"
#include "storage/store.h"
#include "storage/store_file.h"
#include "telemetry/access_log.h"
#include "telemetry/metrics.h"

namespace sallyport::server {
namespace {

// Every 10th tick of 100 ms a thread lets go of a read transaction that it does not use.
constexpr int kTicksPerIdleCheck = 10;
constexpr std::uint32_t kTelemetryConnections = 64;
// Attempts under way at a stop may end; what does not is in doubt and made again after the start.
constexpr std::int64_t kLastAttempts_us = 10'000'000;

std::vector<std::string> api_names(const config::Config& config) {
  std::vector<std::string> names;
  names.reserve(config.apis.size());
  for (const config::Api& api : config.apis) names.push_back(api.name);
  return names;
}

access::Catalog catalog_of(const config::Config& config) {
  return {api_names(config), admin::operation_names(config)};
}

std::size_t worker_count(const config::Config& config) {
  if (config.server.workers != 0) return config.server.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

std::string host_in_url(std::string_view host) {
  return host.find(':') != std::string_view::npos && !host.starts_with('[')
             ? fmt::format("[{}]", host)
             : std::string(host);
}

}  // namespace

// A worker with what is its own. Destroyed after the worker's thread has ended.
struct WorkerParts {
  std::unique_ptr<SystemRandom> random = std::make_unique<SystemRandom>();
  std::unique_ptr<telemetry::AccessLog> log;
  std::unique_ptr<messaging::Engine> engine;
  std::unique_ptr<gateway::Router> router;
  std::unique_ptr<Worker> worker;
  int ticks = 0;
};

struct Server::State {
  State(config::Config settings, storage::StoreLock held, std::unique_ptr<storage::Store> opened)
      : config(std::move(settings)),
        lock(std::move(held)),
        store(std::move(opened)),
        tables(catalog_of(config), clock, *store),
        metrics(api_names(config), worker_count(config) + 1),
        verifier(
            {{config.auth.argon2_memory_kib, config.auth.argon2_passes, config.auth.argon2_lanes},
             config.auth.hash_threads,
             config.auth.hash_queue},
            random),
        budget({config.auth.refusals_per_second, config.auth.refusals_burst}, clock, random),
        chain(doors()) {}
  // The writer commits what is queued and tells the loops of it, so it ends before they do.
  ~State() { store.reset(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  gateway::Doors doors() {
    return {tables.directory, tables.policy, tables.thresholds, verifier, budget, clock};
  }
  Result<void> listen();
  Result<void> build_workers();
  Result<std::unique_ptr<gateway::Router>> build_router(messaging::Engine& engine) const;
  Result<void> build_deliveries();
  Result<void> build_telemetry();
  void register_readings();

  SystemClock clock;
  SystemRandom random;
  config::Config config;
  storage::StoreLock lock;
  std::unique_ptr<storage::Store> store;
  Entities loaded;
  Tables tables;
  telemetry::Metrics metrics;
  std::shared_ptr<telemetry::AccessFile> access_file;
  auth::Verifier verifier;
  auth::FailureBudget budget;
  gateway::FilterChain chain;
  std::vector<ListenerGroup> groups;  // in the order of the configuration
  std::vector<WorkerParts> workers;
  std::unique_ptr<Worker> telemetry_worker;
  std::uint16_t telemetry_port = 0;
  SystemRandom delivery_random;
  messaging::DeliveryLoop delivery{clock};
  std::unique_ptr<messaging::Connector> connector = delivery.make_connector();
  std::unique_ptr<messaging::Channel> files;
  std::unique_ptr<messaging::Channel> relay;
  std::unique_ptr<messaging::Scheduler> scheduler;
  std::atomic<bool> ready = false;
  bool started = false;
};

Result<std::unique_ptr<Server>> Server::open(const ServeOptions& options) {
  const std::string& directory = options.data_directory;
  auto config = load_configuration(options);
  if (!config) return std::unexpected(config.error());
  if (auto closed = admin::check_secrets_directory(directory); !closed) {
    return std::unexpected(closed.error());
  }
  auto audit_key = admin::load_secret_key(directory, admin::kAuditKey);
  if (!audit_key) return std::unexpected(audit_key.error());
  auto lock = storage::StoreLock::take(directory);
  if (!lock) return std::unexpected(lock.error());
  auto store = storage::Store::open({directory + "/sallyport.db", std::move(*audit_key)});
  if (!store) return std::unexpected(store.error());
  auto entities = (*store)->load();
  if (!entities) return std::unexpected(entities.error());

  const bool demo = std::ranges::any_of(entities->accounts, &Account::demo);
  for (const config::Listener& listener : config->listeners) {
    if (demo && !is_local(listener)) {
      return fail(ErrorKind::Invalid,
                  fmt::format("listener {}: demo entities are in the store, so only loopback "
                              "addresses are listened on",
                              listener.address));
    }
  }
  auto state = std::make_unique<State>(std::move(*config), std::move(*lock), std::move(*store));
  state->loaded = std::move(*entities);
  if (auto loaded = state->tables.load(state->loaded, *state->store); !loaded) {
    return std::unexpected(loaded.error());
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { stop(); }

Result<void> Server::start() {
  State& state = *state_;
  for (auto step :
       {&State::listen, &State::build_deliveries, &State::build_workers, &State::build_telemetry}) {
    if (auto done = (state.*step)(); !done) return done;
  }
  state.register_readings();
  state.started = true;
  state.scheduler->start();
  for (WorkerParts& parts : state.workers) parts.worker->start();
  if (state.telemetry_worker) state.telemetry_worker->start();
  state.ready = true;
  return {};
}

Result<void> Server::State::listen() {
  for (const config::Listener& listener : config.listeners) {
    auto group = open_group(listener, worker_count(config));
    if (!group) return std::unexpected(group.error());
    groups.push_back(std::move(*group));
  }
  return {};
}

Result<std::unique_ptr<gateway::Router>> Server::State::build_router(
    messaging::Engine& engine) const {
  std::uint16_t port = 0;
  for (const ListenerGroup& group : groups) {
    if (port == 0 || group.transport == http::Transport::Tls) port = group.port;
    if (group.transport == http::Transport::Tls) break;
  }
  std::vector<gateway::ApiSpec> specs;
  for (const config::Api& api : config.apis) {
    if (!api.routes.empty()) {
      return fail(
          ErrorKind::Unsupported,
          fmt::format("the API \"{}\": forwarding to an upstream is not built yet", api.name));
    }
    gateway::ApiSpec spec{api, {}};
    for (config::VirtualHost& host : spec.settings.hosts) {
      if (!host.public_url.empty()) continue;
      host.public_url = port == 443 ? fmt::format("https://{}", host_in_url(host.host))
                                    : fmt::format("https://{}:{}", host_in_url(host.host), port);
    }
    spec.routes = admin::api_routes(api, [&engine](const config::Route* route) {
      return route == nullptr ? &engine : nullptr;
    });
    specs.push_back(std::move(spec));
  }
  return gateway::Router::build(std::move(specs), tables.policy.catalog());
}

Result<void> Server::State::build_workers() {
  auto file = telemetry::AccessFile::open(config.access_log.path);
  if (!file) return std::unexpected(file.error());
  access_file = std::move(*file);
  const std::size_t count = worker_count(config);
  const auto share =
      static_cast<std::uint32_t>(std::max<std::size_t>(1, config.server.max_connections / count));
  workers.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    WorkerParts& parts = workers[i];
    parts.log = std::make_unique<telemetry::AccessLog>(access_file, config.access_log.require_log);
    parts.worker = std::make_unique<Worker>(config.limits, share, clock, metrics.shard(i));
    parts.engine = std::make_unique<messaging::Engine>(
        config, *store, tables.workspaces, *parts.worker, clock, *parts.random,
        [this] { scheduler->wake(); },
        [this](AccountId account) { return tables.time_zone_of(account); });
    auto router = build_router(*parts.engine);
    if (!router) return std::unexpected(router.error());
    parts.router = std::move(*router);
    parts.worker->set_entry(std::make_unique<gateway::Gateway>(
        *parts.router, chain, clock, *parts.worker, *parts.log, metrics.shard(i)));
    parts.worker->on_tick([this, &parts] {
      parts.log->flush();
      if (++parts.ticks % kTicksPerIdleCheck == 0) store->end_idle_reads();
    });
    for (std::size_t g = 0; g < groups.size(); ++g) {
      parts.worker->add_listener(groups[g].sockets[i], groups[g].transport, groups[g].tls,
                                 config.listeners[g].trusted_networks);
    }
    tables.reclaimer.add_reader(*parts.worker);
  }
  return {};
}

// Messages of the test environment become files, whatever the relay: they never reach the wire.
Result<void> Server::State::build_deliveries() {
  files = std::make_unique<messaging::FileChannel>(config.file_channel.directory,
                                                   config.messaging.mail_from);
  messaging::Channel* live = files.get();
  if (!config.smtp_channel.host.empty()) {
    relay = std::make_unique<messaging::SmtpChannel>(config.smtp_channel,
                                                     config.messaging.mail_from, *connector, clock);
    live = relay.get();
  }
  scheduler = std::make_unique<messaging::Scheduler>(config.messaging, *store, delivery, clock,
                                                     delivery_random, *live, *files);
  return {};
}

Result<void> Server::State::build_telemetry() {
  if (!config.telemetry.enabled) return {};
  config::Listener listener;
  listener.kind = config::ListenerKind::Trusted;
  listener.address = config.telemetry.address;
  listener.port = config.telemetry.port;
  auto group = open_group(listener, 1);
  if (!group) {
    return fail(group.error().kind, "telemetry: " + group.error().message);
  }
  telemetry_port = group->port;
  telemetry_worker = std::make_unique<Worker>(config.limits, kTelemetryConnections, clock,
                                              metrics.shard(workers.size()));
  telemetry_worker->set_entry(
      std::make_unique<TelemetryEntry>(metrics, ready, config.telemetry.hosts));
  telemetry_worker->add_listener(group->sockets[0], group->transport, nullptr, {});
  return {};
}

void Server::State::register_readings() {
  const messaging::DeliveryCounters& counters = scheduler->counters();
  const auto add = [this](const char* result, const std::atomic<std::uint64_t>& counter) {
    metrics.add_counter(fmt::format("sallyport_deliveries_total{{result=\"{}\"}}", result),
                        "Attempts by how they ended, one per recipient.", [&counter] {
                          return static_cast<double>(counter.load(std::memory_order_relaxed));
                        });
  };
  add("sent", counters.sent);
  add("deferred", counters.deferred);
  add("failed", counters.failed);
  add("in_doubt", counters.in_doubt);
  metrics.add_gauge("sallyport_deliveries_active", "Attempts in flight.", [&counters] {
    return static_cast<double>(counters.active.load(std::memory_order_relaxed));
  });
  metrics.add_gauge("sallyport_store_writable", "1 when the last commit succeeded.",
                    [this] { return store->writable() ? 1.0 : 0.0; });
  metrics.add_gauge("sallyport_store_queue", "Writes that wait for a commit.",
                    [this] { return static_cast<double>(store->queued()); });
  metrics.add_gauge("sallyport_hash_queue", "Passwords that wait to be verified.",
                    [this] { return static_cast<double>(verifier.waiting()); });
  metrics.add_counter("sallyport_hashes_total", "Passwords verified the slow way.",
                      [this] { return static_cast<double>(verifier.hashed()); });
  metrics.add_counter("sallyport_access_log_dropped_total",
                      "Lines of the access log that could not be written.",
                      [this] { return static_cast<double>(access_file->dropped()); });
}

void Server::stop() {
  State& state = *state_;
  if (!std::exchange(state.started, false)) return;
  state.ready = false;
  for (WorkerParts& parts : state.workers) parts.worker->drain(state.config.server.drain_timeout);
  for (WorkerParts& parts : state.workers) parts.worker->join();
  state.tables.reclaimer.readers_are_gone();
  state.verifier.stop();
  std::promise<void> delivered;
  state.scheduler->stop(kLastAttempts_us, [&delivered] { delivered.set_value(); });
  delivered.get_future().wait();
  state.delivery.stop();
  if (state.telemetry_worker) {
    state.telemetry_worker->drain(std::chrono::milliseconds(1'000));
    state.telemetry_worker->join();
  }
  for (WorkerParts& parts : state.workers) parts.log->flush();
  if (auto settled = state.tables.thresholds.settle(); !settled) {
    log::error("quotas could not be settled: " + settled.error().message);
  }
}

void Server::apply(const Change& change) { state_->tables.apply(change); }

const config::Config& Server::config() const { return state_->config; }
auth::EntityStore& Server::entities() { return *state_->store; }
const Entities& Server::loaded() const { return state_->loaded; }
void Server::forget_loaded() { state_->loaded = {}; }
const gateway::Router& Server::router() const { return *state_->workers.front().router; }
gateway::Doors Server::doors() { return state_->doors(); }

std::string Server::url() const {
  for (const ListenerGroup& group : state_->groups) {
    if (group.transport == http::Transport::Tls) {
      return fmt::format("https://localhost:{}", group.port);
    }
  }
  return state_->groups.empty() ? "" : fmt::format("http://localhost:{}", state_->groups[0].port);
}

std::string Server::metrics_url() const {
  if (state_->telemetry_worker == nullptr) return "";
  return fmt::format("http://{}:{}/metrics", host_in_url(state_->config.telemetry.address),
                     state_->telemetry_port);
}

std::string Server::outbox() const { return state_->config.file_channel.directory; }
std::string Server::access_log() const { return state_->config.access_log.path; }

}  // namespace sallyport::server
