// B7 and B8: what all checks of the doors cost, warm, with keys drawn uniformly, and how many
// allocations they make. Every key has its own subscription, application and user; a hundred share
// an account. The requests are parsed before the clock starts, as the connection has just done it.
//
// Uniform keys are limited by a rate. A quota's mark is durable before what it covers is admitted,
// so a key that is used rarely waits for the store each time (B14): it is measured on one hot key.
#include <benchmark/benchmark.h>
#include <time.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "auth/api_key.h"
#include "base/encoding.h"
#include "bench/allocations.h"
#include "bench/without_waiting.h"
#include "gateway/filter_chain.h"
#include "gateway/request_context.h"
#include "gateway/router.h"

namespace {

using namespace sallyport;
using bench::allocations;
using bench::counting;
using bench::DurableAtOnce;
using bench::NoLoop;

constexpr std::size_t kBatch = 256;
constexpr std::size_t kKeysPerAccount = 100;
class World {
 public:
  enum class Limited : std::uint8_t { Nothing, Rate, Quota, Everything };
  World(std::size_t keys, Limited limited)
      : policy_(access::Catalog({"messaging"}, {"messages.get"}), reclaimer_),
        thresholds_(clock_, store_, reclaimer_,
                    {{80, 100}, limited == Limited::Everything ? keys * 2 : 8}),
        everything_(limited == Limited::Everything) {
    build_router();
    add_shared(limited);
    credentials_.reserve(keys);
    for (std::size_t i = 0; i < keys; ++i) add_key(i);
  }
  ~World() { verifier_.stop(); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // What the requests' keys are: of somebody, or made up by whoever floods the door.
  enum class Keys : std::uint8_t { Known, WrongChecksum, Unknown };
  struct Credential {
    std::array<char, 64> key, user;
    std::uint8_t key_size = 0;
    std::uint8_t user_size = 0;
  };
  class Lane;

  struct Decided {
    std::array<limit::Rule, limit::kMaxRules> rules;
    std::size_t count;
  };
  bool decide(Decided& decided) {
    const std::span<limit::Rule> rules(decided.rules.data(), decided.count);
    thresholds_.claim(rules);
    return thresholds_.take(rules).kind == limit::Decision::Kind::Admitted;
  }

 private:
  void put(Entity entity) {
    Change change;
    change.put.push_back(std::move(entity));
    thresholds_.apply(change);
    policy_.apply(change);
    directory_.apply(change);
  }

  void build_router() {
    config::Api api;
    api.name = "messaging";
    api.hosts = {{"api.test", "", {}}};
    if (everything_) {
      api.total = api.shadow = api.user.limits = api.source.limits = plenty();
      api.total.concurrency = 1'000'000'000;
      api.cost.rules = {{"", {"PUT"}, "/x/**", 5}};
    }
    std::vector<gateway::RouteSpec> routes;
    for (const char* pattern :
         {"/", "/messages", "/messages/{id}", "/messages/{id}/messagestatus", "/workspaces",
          "/workspaces/{workspace}", "/workspaces/{workspace}/messages"}) {
      routes.push_back({http::Method::Get, pattern, "messages.get", nullptr});
    }
    router_ = *gateway::Router::build({{api, routes}}, policy_.catalog());
  }

  static Limits plenty() {
    Limits limits;
    limits.rate_per_second = 100'000'000;
    limits.windows[0] = {100'000'000, 60};
    return limits;
  }

  void add_shared(Limited limited) {
    Plan plan;
    plan.id = PlanId{1};
    plan.opens = {{{"messaging", "messages.get", {}, ""}, {}}};
    if (limited != Limited::Nothing) plan.limits.rate_per_second = 100'000'000;
    if (limited == Limited::Quota) plan.limits.quota = 1'000'000'000'000;
    if (everything_) {
      plan.limits = plan.shadow = plenty();
      plan.limits.concurrency = 1'000'000'000;
      plan.opens[0].own.windows[0] = {100'000'000, 600};
    }
    thresholds_.add_api("messaging");
    put(plan);
    Role role;
    role.id = RoleId{1};
    role.permissions = {{{"messaging", "messages.get", {}, ""}, true}};
    put(role);
  }

  void add_key(std::size_t i) {
    const AccountId account{i / kKeysPerAccount + 1};
    if (i % kKeysPerAccount == 0) {
      Account entity;
      entity.id = account;
      if (everything_) entity.limits = plenty();
      put(entity);
    }
    Application application;
    application.id = ApplicationId{i + 1};
    application.account = account;
    put(application);
    Subscription subscription;
    subscription.id = SubscriptionId{random_.next_u64()};
    subscription.application = application.id;
    subscription.plan = PlanId{1};
    put(subscription);
    const auth::GeneratedKey made = auth::generate_key(Environment::Live, random_);
    ApiKey key;
    key.id = made.id;
    key.subscription = subscription.id;
    key.digest = made.digest;
    if (everything_) key.limits = plenty();
    put(key);
    User user;
    user.id = UserId{random_.next_u64()};
    user.account = account;
    user.username = "user" + std::to_string(i);
    user.verifier = std::string(97, 'x');
    user.roles = {{RoleId{1}, {}}};
    put(user);
    const std::string password = "password" + std::to_string(i);
    // As after the one slow hash.
    directory_.find_user(user.id)->set_proven(verifier_.proofs().of(user.id, 1, password));
    Credential& credential = credentials_.emplace_back();
    const std::string text = "Basic " + base64_encode(user.username + ":" + password);
    made.text.reveal().copy(credential.key.data(), credential.key.size());
    text.copy(credential.user.data(), credential.user.size());
    credential.key_size = static_cast<std::uint8_t>(made.text.size());
    credential.user_size = static_cast<std::uint8_t>(text.size());
  }

  SystemClock clock_;
  SeededRandom random_{1};
  ImmediateReclaimer reclaimer_;
  DurableAtOnce store_;
  auth::Directory directory_{reclaimer_};
  access::Policy policy_;
  limit::Thresholds thresholds_;
  const bool everything_;
  auth::Verifier verifier_{{}, random_};
  auth::FailureBudget budget_{{}, clock_, random_};
  auth::SignatureChecks signatures_{{}};
  auth::GuessBudget guesses_{{}, clock_, random_};
  auth::FamiliarSources sources_{clock_};
  gateway::FilterChain chain_{{directory_, policy_, thresholds_, verifier_, budget_, guesses_,
                               sources_, nullptr, clock_, signatures_}};
  std::unique_ptr<gateway::Router> router_;
  std::vector<Credential> credentials_;
};

// One worker: its requests and what it keeps of them.
class World::Lane {
 public:
  explicit Lane(World& world, std::uint64_t seed = 1) : world_(world), random_(seed) {}

  void prepare(Keys keys = Keys::Known) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      const Credential& one = world_.credentials_[random_.below(world_.credentials_.size())];
      texts_[i] = one;  // into a buffer that is warm, as the connection's is
      if (keys == Keys::WrongChecksum) texts_[i].key[texts_[i].key_size - 1] ^= 1;
      if (keys == Keys::Unknown) {
        const auth::GeneratedKey other = auth::generate_key(Environment::Live, random_);
        other.text.reveal().copy(texts_[i].key.data(), texts_[i].key.size());
      }
      http::Request& request = requests_[i];
      request.clear();
      request.host = "api.test";
      request.path = "/messages/4FBBC384BCE3DAAB";
      request.segments = {"messages", "4FBBC384BCE3DAAB"};
      request.fields = {{"host", "api.test"},
                        {"accept", "application/json"},
                        {"user-agent", "bench"},
                        {"x-api-key", {texts_[i].key.data(), texts_[i].key_size}},
                        {"authorization", {texts_[i].user.data(), texts_[i].user_size}}};
      request.client = IpAddress::from_v4({192, 0, 2, 1});
    }
  }
  bool run(std::size_t i) {
    context_.reset(requests_[i], loop_);
    context_.match = world_.router_->match(requests_[i]);
    const gateway::Answer answer = world_.chain_.run(context_);
    return std::holds_alternative<gateway::Continue>(answer);
  }
  std::uint64_t run_all() {  // how many were refused
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < kBatch; ++i) refused += run(i) ? 0 : 1;
    return refused;
  }
  void keep(Decided& decided) const {
    decided.rules = context_.rules;
    decided.count = context_.rule_count;
  }

 private:
  World& world_;
  SeededRandom random_;
  NoLoop loop_;
  gateway::RequestContext context_;
  std::array<Credential, kBatch> texts_;
  std::array<http::Request, kBatch> requests_;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void measure(benchmark::State& state, World& world, World::Keys keys = World::Keys::Known) {
  World::Lane lane(world);
  std::uint64_t refused = 0;
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    lane.prepare(keys);
    counting = true;
    const double start = cpu_seconds();
    refused += lane.run_all();
    const double end = cpu_seconds();
    counting = false;
    state.SetIterationTime((end - start) / kBatch);
  }
  const auto requests = static_cast<double>(state.iterations()) * kBatch;
  const double wrong = keys == World::Keys::Known ? static_cast<double>(refused)
                                                  : requests - static_cast<double>(refused);
  if (wrong > requests / 1000) state.SkipWithError("requests got another answer");
  state.counters["allocations_per_request"] = static_cast<double>(allocations - before) / requests;
  state.counters["refused"] = static_cast<double>(refused);
}

World& world_of(std::size_t keys, World::Limited limited) {
  static std::unique_ptr<World> world;
  static std::pair<std::size_t, World::Limited> made;
  if (!world || made != std::pair(keys, limited)) {
    world.reset();
    world = std::make_unique<World>(keys, limited);
    made = {keys, limited};
  }
  return *world;
}

void filter_chain(benchmark::State& state) {
  measure(state, world_of(static_cast<std::size_t>(state.range(0)), World::Limited::Rate));
}
BENCHMARK(filter_chain)
    ->Arg(1'000)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->UseManualTime()
    ->Iterations(8'000)
    ->Unit(benchmark::kNanosecond);

void made_up_keys(benchmark::State& state) {
  measure(state, world_of(100'000, World::Limited::Rate), static_cast<World::Keys>(state.range(0)));
}
BENCHMARK(made_up_keys)
    ->Arg(static_cast<int>(World::Keys::Known))
    ->Arg(static_cast<int>(World::Keys::WrongChecksum))
    ->Arg(static_cast<int>(World::Keys::Unknown))
    ->UseManualTime()
    ->Iterations(4'000)
    ->Unit(benchmark::kNanosecond);

void filter_chain_hot_key_with_quota(benchmark::State& state) {
  measure(state, world_of(1, World::Limited::Quota));
}
BENCHMARK(filter_chain_hot_key_with_quota)
    ->UseManualTime()
    ->Iterations(4'000)
    ->Unit(benchmark::kNanosecond);

// Every kind of limit at once. The chain, and of it the decision alone: that is asked again about
// requests of a while ago, so that their cells are as cold as the chain found them.
void all_kinds_of_limits(benchmark::State& state) {
  World& world = world_of(static_cast<std::size_t>(state.range(0)), World::Limited::Everything);
  World::Lane lane(world);
  constexpr std::size_t kWhile = 32;
  std::vector<std::array<World::Decided, kBatch>> ago(kWhile);
  double chain = 0;
  double decisions = 0;
  std::uint64_t decided = 0;
  std::uint64_t refused = 0;
  std::uint64_t allocated = 0;
  std::size_t round = 0;
  for (auto _ : state) {
    lane.prepare();
    auto& batch = ago[round % kWhile];
    const std::uint64_t before = allocations;
    counting = true;
    const double begun = cpu_seconds();
    refused += lane.run_all();
    const double spent = cpu_seconds() - begun;
    counting = false;
    allocated += allocations - before;
    for (std::size_t i = 0; i < kBatch; ++i) {
      refused += lane.run(i) ? 0 : 1;
      lane.keep(batch[i]);
    }
    chain += spent;
    state.SetIterationTime(spent / kBatch);
    if (++round < kWhile) continue;
    const double start = cpu_seconds();
    for (World::Decided& one : ago[round % kWhile]) refused += world.decide(one) ? 0 : 1;
    decisions += cpu_seconds() - start;
    decided += kBatch;
  }
  const auto requests = static_cast<double>(state.iterations() * kBatch);
  state.counters["decision_ns"] =
      decisions * 1e9 / static_cast<double>(std::max<std::uint64_t>(1, decided));
  state.counters["share_of_chain"] =
      (decisions / static_cast<double>(std::max<std::uint64_t>(1, decided))) / (chain / requests);
  state.counters["allocations_per_request"] = static_cast<double>(allocated) / requests;
  state.counters["refused"] = static_cast<double>(refused);
}
BENCHMARK(all_kinds_of_limits)
    ->Arg(1'000)
    ->Arg(1'000'000)
    ->UseManualTime()
    ->Iterations(8'000)
    ->Unit(benchmark::kNanosecond);

// B9: what a request costs a worker while another worker is as busy. The same two in worlds of
// their own are the measure: they share nothing but the machine. A line that both write shows as
// what the shared world costs on top.
void beside_another(benchmark::State& state, std::size_t keys, World::Limited limited,
                    bool shared) {
  World world(keys, limited);
  std::unique_ptr<World> apart;
  if (!shared) apart = std::make_unique<World>(keys, limited);
  World::Lane lane(world);
  std::atomic<bool> stop = false;
  std::atomic<std::uint64_t> others = 0;
  std::thread other([&] {
    World::Lane second(shared ? world : *apart, 2);
    while (!stop.load(std::memory_order_relaxed)) {
      second.prepare();
      second.run_all();
      others.fetch_add(kBatch, std::memory_order_relaxed);
    }
  });
  std::uint64_t refused = 0;
  for (auto _ : state) {
    lane.prepare();
    const double start = cpu_seconds();
    refused += lane.run_all();
    state.SetIterationTime((cpu_seconds() - start) / kBatch);
  }
  stop = true;
  other.join();
  state.counters["refused"] = static_cast<double>(refused);
  state.counters["others"] = static_cast<double>(others);
}
constexpr std::size_t kManyKeys = 20'000;
#define SALLYPORT_BESIDE(name, keys, limited, shared)                            \
  BENCHMARK_CAPTURE(beside_another, name, keys, World::Limited::limited, shared) \
      ->UseManualTime()                                                          \
      ->Iterations(8'000)                                                        \
      ->Unit(benchmark::kNanosecond)
SALLYPORT_BESIDE(hot_key_no_limit_apart, 1, Nothing, false);
SALLYPORT_BESIDE(hot_key_no_limit_shared, 1, Nothing, true);
SALLYPORT_BESIDE(hot_key_rate_apart, 1, Rate, false);
SALLYPORT_BESIDE(hot_key_rate_shared, 1, Rate, true);
SALLYPORT_BESIDE(many_keys_rate_apart, kManyKeys, Rate, false);
SALLYPORT_BESIDE(many_keys_rate_shared, kManyKeys, Rate, true);

}  // namespace
