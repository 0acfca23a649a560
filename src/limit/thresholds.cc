#include "limit/thresholds.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "limit/cell.h"

namespace sallyport::limit {
namespace {

// What one raise covers: as much as was admitted in the last 60 ms. With what is left of the mark
// before (a raise begins at half), a kill costs less than the last 100 ms of requests.
constexpr std::uint32_t kRaiseBuckets = 3;

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32;
  value *= 0x9E3779B97F4A7C15ULL;
  return value ^ (value >> 29);
}

std::uint64_t hash_of(CellKey::Kind kind, std::uint64_t id, std::string_view scope) {
  const std::uint64_t base = mix(id + static_cast<std::uint64_t>(kind) * 0x632BE59BD9B4E019ULL);
  return scope.empty() ? base : mix(base ^ std::hash<std::string_view>{}(scope));
}

// A mark to be raised, as it was when the cell was locked: the period may turn before the store
// acts.
struct Raise {
  std::int64_t start_us = 0;
  QuotaPeriod period = QuotaPeriod::Day;
  std::uint64_t target = 0;  // 0: none
};

struct CellRecord {
  explicit CellRecord(std::unique_ptr<Cell> made)
      : cell(std::move(made)), hash_(hash_of(cell->key.kind, cell->key.id, cell->key.scope)) {}
  std::uint64_t hash() const { return hash_; }
  std::unique_ptr<Cell> cell;

 private:
  std::uint64_t hash_;
};

RateRule rate_rule(const Limits& limits) {
  const std::uint32_t rate = limits.rate_per_second.value_or(0);
  return {rate, limits.burst.value_or(rate)};
}

// A period that has ended is followed by the one that holds the time; one that has begun is never
// left backwards, whatever the wall clock says. Under the lock.
void turn_period(Quota& quota, QuotaPeriod period, std::int64_t wall_us) {
  if (quota.end_us != 0 && wall_us < quota.end_us) return;
  const Period held = period_utc(period, wall_us);
  quota.period = period;
  quota.start_us = held.start_us;
  quota.end_us = held.end_us;
  quota.used = 0;
  quota.mark = 0;
  quota.store_failed = false;
}

constexpr std::int64_t kBlocked_s = 86'400;

std::int64_t whole_seconds(std::int64_t us) {
  return std::max<std::int64_t>(1, (us + 999'999) / 1'000'000);
}

void refuse(Decision& decision, Reason reason, std::int64_t retry_after_s) {
  if (decision.kind == Decision::Kind::Admitted) {
    decision.kind = Decision::Kind::Refused;
    decision.reason = reason;
  }
  decision.retry_after_s = std::max(decision.retry_after_s, retry_after_s);
}

// Only a quota has a calendar; a rate need not wait for the second clock under the lock.
std::int64_t wall_time(std::span<const Rule> rules, const Clock& clock) {
  const bool asked =
      std::ranges::any_of(rules, [](const Rule& rule) { return rule.limits.quota.has_value(); });
  return asked ? clock.unix_us() : 0;
}

// Locks up to kMaxRules distinct cells in the order of their addresses.
class LockAll {
 public:
  explicit LockAll(std::span<const Rule> rules) {
    for (const Rule& rule : rules) {
      std::size_t place = count_++;
      for (; place > 0 && std::less<>{}(rule.cell, cells_[place - 1]); --place) {
        cells_[place] = cells_[place - 1];
      }
      cells_[place] = rule.cell;
    }
    for (std::size_t i = 0; i < count_; ++i) cells_[i]->lock.lock();
  }
  LockAll(const LockAll&) = delete;
  LockAll& operator=(const LockAll&) = delete;
  ~LockAll() {
    for (std::size_t i = count_; i-- > 0;) cells_[i]->lock.unlock();
  }

 private:
  std::array<Cell*, kMaxRules> cells_{};
  std::size_t count_ = 0;
};

// One rule's rate, under its lock. The first that refuses names the reason.
void ask_rate(const Rule& rule, std::int64_t now_us, Decision& decision) {
  if (!rule.limits.rate_per_second) return;
  const RateRule rate = rate_rule(rule.limits);
  RateWindow& window = rule.cell->window;
  if (window.admits(rate, now_us)) return;
  const std::int64_t wait = window.wait_us(rate, now_us);
  // Blocked for good: a day, so that nobody polls.
  refuse(decision, rule.over_rate, wait < 0 ? kBlocked_s : whole_seconds(wait));
}

void ask_quota(const Rule& rule, std::int64_t wall_us, Decision& decision) {
  if (!rule.limits.quota) return;
  Quota& quota = rule.cell->quota;
  turn_period(quota, rule.limits.quota_period, wall_us);
  if (quota.used < *rule.limits.quota) return;
  if (decision.kind == Decision::Kind::Admitted) decision.period = quota.period;
  refuse(decision, Reason::OverQuota, whole_seconds(quota.end_us - wall_us));
}

}  // namespace

struct Thresholds::State {
  State(const Clock& time, QuotaStore& quota_store, Reclaimer& reclaimer)
      : clock(time), store(quota_store), cells(reclaimer) {}

  const Clock& clock;
  QuotaStore& store;
  Table<CellRecord> cells;
  std::map<std::pair<SubscriptionId, std::string>, QuotaMark> loaded;
  // Which cells a plan's openings need, for whom.
  struct PlanScopes {
    std::vector<std::string> scopes;
    std::vector<SubscriptionId> subscriptions;
  };
  std::unordered_map<PlanId, PlanScopes> plans;
  std::unordered_map<SubscriptionId, PlanId> plan_of;

  Cell* find(CellKey::Kind kind, std::uint64_t id, std::string_view scope) const {
    const auto* record = cells.find(hash_of(kind, id, scope), [&](const CellRecord& candidate) {
      const CellKey& key = candidate.cell->key;
      return key.id == id && key.kind == kind && key.scope == scope;
    });
    return record == nullptr ? nullptr : record->cell.get();
  }

  void add(CellKey key, SubscriptionId subscription, std::string mark_scope) {
    if (find(key.kind, key.id, key.scope) != nullptr) return;
    auto cell = std::make_unique<Cell>(key);
    cell->subscription = subscription;
    cell->mark_scope = std::move(mark_scope);
    if (subscription) {
      const auto found = loaded.find({subscription, cell->mark_scope});
      if (found != loaded.end()) {
        const QuotaMark& mark = found->second;
        const Period held = period_utc(mark.period, mark.period_start_us);
        cell->quota = {mark.period, held.start_us, held.end_us, mark.mark, mark.mark, false, false};
      }
    }
    cells.put(std::make_unique<const CellRecord>(std::move(cell)),
              [&](const CellRecord& candidate) { return candidate.cell->key == key; });
  }

  void raise(Cell* cell, const Raise& raise);
  void raised(Cell* cell, std::int64_t start_us, std::uint64_t target, bool durable);
};

Thresholds::Thresholds(const Clock& clock, QuotaStore& store, Reclaimer& reclaimer)
    : state_(std::make_unique<State>(clock, store, reclaimer)) {}
Thresholds::~Thresholds() = default;

void Thresholds::load(std::span<const QuotaMark> marks) {
  for (const QuotaMark& mark : marks) {
    state_->loaded.insert_or_assign({mark.subscription, mark.scope}, mark);
  }
}

void Thresholds::add(SubscriptionId subscription) { add(subscription, ""); }
void Thresholds::add(SubscriptionId subscription, std::string_view scope) {
  state_->add({CellKey::Kind::Subscription, subscription.value, std::string(scope)}, subscription,
              std::string(scope));
}
// A key's mark stands beside its subscription's; no name of an API has a colon.
void Thresholds::add(KeyId key, SubscriptionId subscription) {
  state_->add({CellKey::Kind::Key, key.value, ""}, subscription, "key:" + key.hex());
}
void Thresholds::add_api(std::string_view api) {
  state_->add({CellKey::Kind::Api, 0, std::string(api)}, {}, {});
}

void Thresholds::put(const Subscription& subscription) {
  add(subscription.id);
  auto& plan = state_->plans[subscription.plan];
  PlanId& known = state_->plan_of[subscription.id];
  if (known != subscription.plan) plan.subscriptions.push_back(subscription.id);
  known = subscription.plan;
  for (const std::string& scope : plan.scopes) add(subscription.id, scope);
}

void Thresholds::put(const Plan& plan) {
  auto& known = state_->plans[plan.id];
  known.scopes.clear();
  for (const PlanOpening& opening : plan.opens) {
    if (!opening.own.rate_per_second && !opening.own.quota) continue;
    append_scope(known.scopes.emplace_back(), opening.match);
  }
  for (const std::string& scope : known.scopes) {
    for (const SubscriptionId subscription : known.subscriptions) add(subscription, scope);
  }
}

void Thresholds::put(const ApiKey& key) {
  if (key.limits != Limits{}) add(key.id, key.subscription);
}

void Thresholds::load(const Entities& entities) {
  for (const Plan& plan : entities.plans) put(plan);
  for (const Subscription& subscription : entities.subscriptions) put(subscription);
  for (const ApiKey& key : entities.keys) put(key);
}

void Thresholds::apply(const Change& change) {
  for (const Entity& entity : change.put) {
    if (const auto* plan = std::get_if<Plan>(&entity)) put(*plan);
    if (const auto* subscription = std::get_if<Subscription>(&entity)) put(*subscription);
    if (const auto* key = std::get_if<ApiKey>(&entity)) put(*key);
  }
}

Cell* Thresholds::find(SubscriptionId subscription) const { return find(subscription, ""); }
Cell* Thresholds::find(SubscriptionId subscription, std::string_view scope) const {
  return state_->find(CellKey::Kind::Subscription, subscription.value, scope);
}
Cell* Thresholds::find(KeyId key) const { return state_->find(CellKey::Kind::Key, key.value, ""); }
Cell* Thresholds::find_api(std::string_view api) const {
  return state_->find(CellKey::Kind::Api, 0, api);
}

Decision Thresholds::peek(std::span<const Rule> rules) const {
  Decision decision;
  if (rules.empty()) return decision;
  const LockAll locks(rules);
  decision.decided_us = state_->clock.monotonic_us();
  const std::int64_t wall_us = wall_time(rules, state_->clock);
  for (const Rule& rule : rules) ask_rate(rule, decision.decided_us, decision);
  for (const Rule& rule : rules) ask_quota(rule, wall_us, decision);
  return decision;
}

Decision Thresholds::take(std::span<const Rule> rules) {
  Decision decision;
  std::array<Raise, kMaxRules> raises{};
  {
    const LockAll locks(rules);
    const std::int64_t now_us = decision.decided_us = state_->clock.monotonic_us();
    const std::int64_t wall_us = wall_time(rules, state_->clock);
    for (const Rule& rule : rules) ask_rate(rule, now_us, decision);
    for (const Rule& rule : rules) ask_quota(rule, wall_us, decision);
    if (decision.kind == Decision::Kind::Refused) return decision;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      Quota& quota = rules[i].cell->quota;
      const std::uint64_t most = rules[i].limits.quota.value_or(UINT64_MAX);
      if (!rules[i].limits.quota || quota.used < quota.mark) continue;
      // What no subscription stands behind has no row in the store.
      if (!rules[i].cell->subscription) {
        quota.mark = most;
        continue;
      }
      if (quota.store_failed && !quota.raising) {
        quota.store_failed = false;
        decision.kind = Decision::Kind::Refused;
        decision.reason = Reason::StoreAway;
        decision.retry_after_s = 1;
        return decision;
      }
      decision.kind = Decision::Kind::Wait;
      decision.waiting_for = rules[i].cell;
      if (!quota.raising) {
        quota.raising = true;
        const std::uint32_t recent = rules[i].cell->window.recent(now_us, kRaiseBuckets);
        raises[i] = {quota.start_us, quota.period,
                     std::min<std::uint64_t>(most, quota.used + std::max(1U, recent))};
      }
    }
    if (decision.kind == Decision::Kind::Admitted) {
      for (std::size_t i = 0; i < rules.size(); ++i) {
        Cell& cell = *rules[i].cell;
        if (rules[i].limits.rate_per_second) {
          cell.window.take(rate_rule(rules[i].limits), now_us);
        } else {
          cell.window.count(now_us);
        }
        if (!rules[i].limits.quota) continue;
        const std::uint64_t most = rules[i].limits.quota.value_or(UINT64_MAX);
        Quota& quota = cell.quota;
        ++quota.used;
        const std::uint64_t chunk = cell.window.recent(now_us, kRaiseBuckets);
        // Slow traffic waits for each mark, so that a kill costs it nothing.
        if (chunk < 4 || quota.raising || quota.mark >= most ||
            (quota.mark - quota.used) * 2 > chunk || quota.used >= quota.mark) {
          continue;
        }
        quota.raising = true;
        raises[i] = {quota.start_us, quota.period,
                     std::min<std::uint64_t>(most, quota.mark + chunk)};
      }
    }
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (raises[i].target != 0) state_->raise(rules[i].cell, raises[i]);
  }
  return decision;
}

void Thresholds::State::raise(Cell* cell, const Raise& raise) {
  store.raise_quota_mark(
      {cell->subscription, cell->mark_scope, raise.start_us, raise.period, raise.target},
      [this, cell, raise](Result<void> done) {
        raised(cell, raise.start_us, raise.target, done.has_value());
      });
}

void Thresholds::State::raised(Cell* cell, std::int64_t start_us, std::uint64_t target,
                               bool durable) {
  std::vector<std::pair<Loop*, Callback>> waiting;
  {
    const std::lock_guard guard(cell->lock);
    Quota& quota = cell->quota;
    quota.raising = false;
    // A mark that comes back in the next period says nothing about it.
    if (quota.start_us == start_us) {
      if (durable) {
        quota.mark = std::max(quota.mark, target);
      } else {
        quota.store_failed = true;
      }
    }
    waiting.swap(cell->waiting);
  }
  for (auto& [loop, callback] : waiting) loop->post(std::move(callback));
}

void Thresholds::when_raised(Cell* cell, Loop& loop, Callback callback) {
  {
    const std::lock_guard guard(cell->lock);
    if (cell->quota.raising) {
      cell->waiting.emplace_back(&loop, std::move(callback));
      return;
    }
  }
  loop.post(std::move(callback));
}

Usage Thresholds::usage(const Rule& rule) const {
  const std::lock_guard guard(rule.cell->lock);
  Quota quota = rule.cell->quota;
  if (rule.limits.quota) {
    turn_period(quota, rule.limits.quota_period, state_->clock.unix_us());
  }
  RateWindow window = rule.cell->window;
  return {window.recent(state_->clock.monotonic_us(), 50), quota.used, quota.end_us};
}

Result<void> Thresholds::settle() {
  std::vector<QuotaMark> marks;
  state_->cells.for_each([&marks](const CellRecord& record) {
    Cell& cell = *record.cell;
    const std::lock_guard guard(cell.lock);
    if (!cell.subscription || cell.quota.end_us == 0) return;
    marks.push_back({cell.subscription, cell.mark_scope, cell.quota.start_us, cell.quota.period,
                     cell.quota.used});
  });
  return state_->store.settle_quota_marks(marks);
}

}  // namespace sallyport::limit
