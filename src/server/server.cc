#include "server/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

#include "admin/secrets_directory.h"
#include "admin/services.h"
#include "auth/key_uses.h"
#include "base/log.h"
#include "gateway/filter_chain.h"
#include "gateway/gateway.h"
#include "gateway/router.h"
#include "proxy/resolver.h"
#include "proxy/upstreams.h"
#include "server/configuration.h"
#include "server/deliveries.h"
#include "server/generation.h"
#include "server/listeners.h"
#include "server/readings.h"
#include "server/reload.h"
#include "server/tables.h"
#include "server/telemetry_entry.h"
#include "server/token_issuers.h"
#include "server/upkeep.h"
#include "server/user_door.h"
#include "server/worker.h"
#include "storage/store.h"
#include "storage/store_file.h"
#include "telemetry/access_log.h"
#include "telemetry/metrics.h"

namespace sallyport::server {
namespace {

constexpr std::uint32_t kTelemetryConnections = 64;

std::vector<std::string> api_names(const config::Config& config) {
  std::vector<std::string> names;
  names.reserve(config.apis.size());
  for (const config::Api& api : config.apis) names.push_back(api.name);
  return names;
}

std::size_t worker_count(const config::Config& config) {
  if (config.server.workers != 0) return config.server.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

// A worker with what is its own. Destroyed after the worker's thread has ended.
struct WorkerParts {
  std::unique_ptr<SystemRandom> random = std::make_unique<SystemRandom>();
  std::unique_ptr<telemetry::AccessLog> log;
  std::unique_ptr<Worker> worker;
  // These go first: their connections to upstreams are watched by the worker.
  std::shared_ptr<Generation> generation;
  std::vector<std::weak_ptr<Generation>> ending;  // what requests hold that began under them

  void tick_proxies() {
    generation->proxy->tick();
    if (generation->health) generation->health->tick();
    std::erase_if(ending, [](const std::weak_ptr<Generation>& one) { return one.expired(); });
    for (const std::weak_ptr<Generation>& one : ending) {
      if (const auto held = one.lock()) held->proxy->tick();
    }
  }
  void abandon_proxies() {
    generation->proxy->abandon();
    for (const std::weak_ptr<Generation>& one : ending) {
      if (const auto held = one.lock()) held->proxy->abandon();
    }
  }

  gateway::Gateway* gateway = nullptr;  // the worker's entry
  int ticks = 0;
};

struct Server::State {
  State(const ServeOptions& given, Configuration settings, storage::StoreLock held,
        std::unique_ptr<storage::Store> opened)
      : options(given),
        started_text(std::move(settings.text)),
        config(std::move(settings.config)),
        running(std::make_shared<const config::Config>(config)),
        lock(std::move(held)),
        store(std::move(opened)),
        clock(machine, store->high_water_us().value_or(0)),
        tables(extended_catalog({{}, {}}, config), clock, *store, limit_settings(config)),
        metrics(api_names(config), worker_count(config) + 1),
        users(config.auth, tables.directory, *store, clock, random),
        issuers(config, clock, tables.reclaimer),
        chain(doors()) {}
  // The writer commits what is queued and tells the loops of it, so it ends before they do.
  ~State() { store.reset(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  gateway::Doors doors() {
    return {tables.directory, tables.policy, tables.thresholds, users.verifier, users.budget,
            users.guesses,    users.sources, &users.upkeep,     clock,          signatures};
  }
  Surroundings surroundings();
  Result<void> listen();
  Result<void> build_upstreams();
  Result<void> build_workers();
  WorkerPlace place_of(std::size_t worker);
  Result<Prepared> prepare();
  void put_in_force(const Prepared& next);
  Result<void> build_deliveries();
  Result<void> build_telemetry();
  void register_readings();

  SystemClock machine;
  SystemRandom random;
  const ServeOptions options;
  const std::string started_text;
  const config::Config config;                    // of the start
  std::shared_ptr<const config::Config> running;  // of the generation in force
  ReloadCounters reloads;
  storage::StoreLock lock;
  std::unique_ptr<storage::Store> store;
  DurableClock clock;
  Entities loaded;
  Tables tables;
  Upkeep upkeep{*store, clock, tables.thresholds};
  telemetry::Metrics metrics;
  std::shared_ptr<telemetry::AccessFile> access_file;
  UserDoor users;
  auth::KeyUses key_uses;
  auth::SignatureChecks signatures{{}};
  TokenIssuers issuers;
  gateway::FilterChain chain;
  std::vector<ListenerGroup> groups;  // in the order of the configuration
  SystemRandom ticket_random;
  http::TicketKeys tickets{clock, ticket_random};
  http::SourceLimit sources;
  std::vector<std::shared_ptr<http::TlsContext>> tls;  // of each group
  std::shared_ptr<proxy::Upstreams> upstreams;         // of the generation in force
  std::unique_ptr<proxy::Resolver> resolver;
  std::vector<WorkerParts> workers;
  std::unique_ptr<Worker> telemetry_worker;
  std::uint16_t telemetry_port = 0;
  Secret store_key;
  Deliveries deliveries{config, *store, store->sms(), tables.senders, clock};
  std::atomic<bool> ready = false;
  bool started = false;
};

Result<std::unique_ptr<Server>> Server::open(const ServeOptions& options) {
  const std::string& directory = options.data_directory;
  auto loaded = load_configuration(options);
  if (!loaded) return std::unexpected(loaded.error());
  if (auto closed = admin::check_secrets_directory(directory); !closed) {
    return std::unexpected(closed.error());
  }
  auto audit_key = admin::load_secret_key(directory, admin::kAuditKey);
  if (!audit_key) return std::unexpected(audit_key.error());
  auto lock = storage::StoreLock::take(directory);
  if (!lock) return std::unexpected(lock.error());
  auto store = storage::Store::open(storage::store_options(directory, std::move(*audit_key)));
  if (!store) return std::unexpected(store.error());
  auto entities = (*store)->load_few();
  if (!entities) return std::unexpected(entities.error());

  const bool demo = std::ranges::any_of(entities->accounts, &Account::demo);
  for (const config::Listener& listener : loaded->config.listeners) {
    if (demo && !is_local(listener)) {
      return fail(ErrorKind::Invalid,
                  fmt::format("listener {}: demo entities are in the store, so only loopback "
                              "addresses are listened on",
                              listener.address));
    }
  }
  auto state =
      std::make_unique<State>(options, std::move(*loaded), std::move(*lock), std::move(*store));
  state->loaded = std::move(*entities);
  auto store_key = admin::load_secret_key(directory, admin::kStoreKey);
  if (!store_key) return std::unexpected(store_key.error());
  state->store_key = std::move(*store_key);
  if (auto filled = state->tables.load(state->loaded, *state->store, *state->store); !filled) {
    return std::unexpected(filled.error());
  }
  if (auto ready = state->issuers.open(state->tables.directory, state->loaded.accounts); !ready) {
    return std::unexpected(ready.error());
  }
  if (auto seen = state->users.load(*state->store, state->clock); !seen) {
    return std::unexpected(seen.error());
  }
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() { stop(); }

Result<void> Server::start() {
  State& state = *state_;
  for (auto step : {&State::listen, &State::build_deliveries, &State::build_upstreams,
                    &State::build_workers, &State::build_telemetry}) {
    if (auto done = (state.*step)(); !done) return done;
  }
  state.register_readings();
  state.started = true;
  state.issuers.start();
  state.deliveries.start();
  for (WorkerParts& parts : state.workers) parts.worker->start();
  if (state.telemetry_worker) state.telemetry_worker->start();
  state.ready = true;
  return {};
}

Result<void> Server::State::listen() {
  for (const config::Listener& listener : config.listeners) {
    auto loaded_tls = load_tls(listener, config, tickets);
    if (!loaded_tls) return std::unexpected(loaded_tls.error());
    tls.push_back(std::move(*loaded_tls));
  }
  for (const config::Listener& listener : config.listeners) {
    auto group = open_group(listener, worker_count(config));
    if (!group) return std::unexpected(group.error());
    groups.push_back(std::move(*group));
  }
  return {};
}

Surroundings Server::State::surroundings() {
  std::uint16_t port = 0;
  for (const ListenerGroup& group : groups) {
    if (port == 0 || group.transport == http::Transport::Tls) port = group.port;
    if (group.transport == http::Transport::Tls) break;
  }
  return {*store, tables, clock, [this] { deliveries.wake(); }, port, issuers};
}

Result<void> Server::State::build_upstreams() {
  auto opened = proxy::Upstreams::open(config, clock, nullptr);
  if (!opened) return std::unexpected(opened.error());
  upstreams = std::move(*opened);
  resolver = std::make_unique<proxy::Resolver>();
  resolver->use(upstreams);
  return {};
}

WorkerPlace Server::State::place_of(std::size_t worker) {
  WorkerParts& parts = workers[worker];
  return {*parts.worker, *parts.random, parts.worker->sockets(), worker, workers.size()};
}

Result<void> Server::State::build_workers() {
  auto file = telemetry::AccessFile::open(config.access_log.path);
  if (!file) return std::unexpected(file.error());
  access_file = std::move(*file);
  const std::size_t count = worker_count(config);
  workers.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    WorkerParts& parts = workers[i];
    parts.log = std::make_unique<telemetry::AccessLog>(access_file, config.access_log.require_log);
    parts.worker =
        std::make_unique<Worker>(worker_terms(config, count, sources), clock, metrics.shard(i));
    auto made = make_generation(running, upstreams, surroundings(), place_of(i));
    if (!made) return std::unexpected(made.error());
    parts.generation = std::move(*made);
    Upkeep::OfWorker& kept = upkeep.attach(*parts.worker, config.server.shed_after);
    auto entry = std::make_unique<gateway::Gateway>(router_of(parts.generation), chain, clock,
                                                    *parts.worker, *parts.log, metrics.shard(i),
                                                    &kept.shedder, &kept.usage);
    parts.gateway = entry.get();
    parts.worker->set_entry(std::move(entry));
    parts.worker->on_tick([this, &parts] {
      parts.log->flush();
      parts.tick_proxies();
      if (++parts.ticks % 10 == 0) key_uses.add(parts.gateway->key_uses());
    });
    auto terms = listener_terms(config, tls);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      parts.worker->add_listener(groups[g].sockets[i], groups[g].transport, std::move(terms[g]));
    }
    tables.reclaimer.add_reader(*parts.worker);
  }
  return {};
}

Result<void> Server::State::build_deliveries() {
  tables.reclaimer.add_reader(deliveries.loop());
  return deliveries.build(std::move(store_key));
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
  telemetry_worker = std::make_unique<Worker>(WorkerTerms{config.limits, kTelemetryConnections},
                                              clock, metrics.shard(workers.size()));
  telemetry_worker->set_entry(
      std::make_unique<TelemetryEntry>(metrics, ready, config.telemetry.hosts));
  telemetry_worker->add_listener(group->sockets[0], group->transport, {});
  return {};
}

Result<Prepared> Server::State::prepare() {
  InForce in_force{options,        started_text, *running, *upstreams,
                   surroundings(), metrics,      tickets,  {}};
  for (std::size_t i = 0; i < workers.size(); ++i) in_force.workers.push_back(place_of(i));
  return prepare_reload(in_force);
}

// One turn of each worker's loop: no request sees a part of it.
void Server::State::put_in_force(const Prepared& next) {
  const WorkerTerms terms = worker_terms(*next.config, workers.size(), sources);
  std::latch adopted(static_cast<std::ptrdiff_t>(workers.size()));
  for (std::size_t i = 0; i < workers.size(); ++i) {
    WorkerParts& parts = workers[i];
    parts.worker->post([&, generation = next.generations[i]]() mutable {
      parts.worker->adopt(terms, listener_terms(*next.config, next.tls));
      parts.log->set_required(next.config->access_log.require_log);
      parts.gateway->use(router_of(generation));
      parts.generation.swap(generation);
      parts.ending.push_back(generation);
      generation.reset();  // the old one, unless a request holds it: freed on its own thread
      adopted.count_down();
    });
  }
  adopted.wait();
  running = next.config;
  tls = next.tls;
  upstreams = next.upstreams;
  resolver->use(upstreams);
}

Result<Reloaded> Server::reload() {
  State& state = *state_;
  auto next = state.prepare();
  const std::string& path = (next ? *next->config : *state.running).access_log.path;
  auto reopened = state.access_file->reopen(path);
  if (next && !reopened) next = std::unexpected(reopened.error());
  if (!next) {
    state.reloads.refused.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(next.error());
  }
  state.put_in_force(*next);
  state.reloads.done.fetch_add(1, std::memory_order_relaxed);
  state.reloads.generation.fetch_add(1, std::memory_order_relaxed);
  return Reloaded{state.reloads.generation, std::move(next->takes_restart),
                  api_names(*next->config), state.tables.policy.catalog().operations(),
                  admin::shapes_of_routes(*next->config)};
}

void Server::State::register_readings() {
  register_deliveries(metrics, config.sms_channel, deliveries);
  register_upstreams(metrics, *upstreams);
  register_store(metrics, *store);
  register_hashes(metrics, users.verifier);
  register_tokens(metrics, signatures, issuers);
  register_access_log(metrics, *access_file);
  register_reloads(metrics, reloads);
  upkeep.register_readings(metrics);
}

void Server::stop() {
  State& state = *state_;
  if (!std::exchange(state.started, false)) return;
  state.ready = false;
  state.resolver.reset();
  const std::chrono::milliseconds patience = state.running->server.drain_timeout;
  const std::int64_t give_up_us =
      state.clock.monotonic_us() +
      std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  for (WorkerParts& parts : state.workers) {
    parts.worker->post([&parts, give_up_us] {
      parts.worker->at(give_up_us, [&parts] { parts.abandon_proxies(); });
    });
    parts.worker->drain(patience);
  }
  for (WorkerParts& parts : state.workers) parts.worker->join();
  state.issuers.stop();
  state.tables.reclaimer.readers_are_gone();
  state.users.stop();
  state.signatures.stop();
  state.deliveries.stop();
  if (state.telemetry_worker) {
    state.telemetry_worker->drain(std::chrono::milliseconds(1'000));
    state.telemetry_worker->join();
  }
  for (WorkerParts& parts : state.workers) {
    parts.log->flush();
    state.key_uses.add(parts.gateway->key_uses());
  }
  if (auto noted = state.store->touch_keys(state.key_uses.take()); !noted) {
    log::error("the last uses of keys could not be stored: " + noted.error().message);
  }
  state.upkeep.stop();
}

void Server::apply(const Change& change) {
  state_->tables.apply(change);
  // What an account had to hold may go now.
  wake_deliveries();
}

void Server::wake_deliveries() { state_->deliveries.wake(); }
messaging::OperatorStore& Server::messages() { return *state_->store; }
std::vector<auth::KeyUse> Server::take_key_uses() { return state_->key_uses.take(); }
void Server::apply(const auth::SigningKeys& keys) { state_->issuers.apply(keys); }
void Server::administer(admin::Commands& commands, std::mutex& mutex) {
  state_->users.upkeep.start(commands, mutex);
}
void Server::unlock(const admin::Unlock& unlock) { state_->users.unlock(unlock); }

Upkeep& Server::upkeep() { return state_->upkeep; }
const config::Config& Server::config() const { return state_->config; }
auth::EntityStore& Server::entities() { return *state_->store; }
const Entities& Server::loaded() const { return state_->loaded; }
void Server::forget_loaded() { state_->loaded = {}; }
std::shared_ptr<const gateway::Router> Server::router() const {
  return router_of(state_->workers.front().generation);
}
gateway::Doors Server::doors() { return state_->doors(); }

std::string Server::url() const { return url_of(state_->groups); }

std::string Server::metrics_url() const {
  if (state_->telemetry_worker == nullptr) return "";
  return fmt::format("http://{}:{}/metrics", host_in_url(state_->config.telemetry.address),
                     state_->telemetry_port);
}

std::string Server::outbox() const { return state_->config.file_channel.directory; }
std::string Server::access_log() const { return state_->running->access_log.path; }

}  // namespace sallyport::server
