#include "limit/thresholds.h"

#include <algorithm>
#include <mutex>
#include <variant>

#include "base/calendar.h"
#include "base/random.h"
#include "limit/thresholds_state.h"

namespace sallyport::limit {
namespace {

constexpr std::size_t kSweptAtOnce = 20'000;

std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 32;
  value *= 0x9E3779B97F4A7C15ULL;
  return value ^ (value >> 29);
}

std::uint64_t hash_of(const CellKey& key) {
  const std::uint64_t base =
      mix(key.id + static_cast<std::uint64_t>(key.kind) * 0x632BE59BD9B4E019ULL);
  return key.scope == 0 ? base : mix(base ^ key.scope);
}

// A key's mark stands beside its subscription's; no name of an API has a colon.
std::string key_scope(KeyId key) { return "key:" + key.hex(); }

CellKey key_of(SubscriptionId subscription, std::string_view scope) {
  return {CellKey::Kind::Subscription, subscription.value, scope_hash(scope)};
}

constexpr std::string_view kKeyScope = "key:";

}  // namespace

CellRecord::CellRecord(CellKey owner, CellName named, bool durable)
    : key(owner), name(std::move(named)), hash_(hash_of(key)) {
  if (durable) cell.name = &name;
}

Thresholds::State::State(const Clock& time, QuotaStore& quota_store, Reclaimer& reclaimer,
                         Settings wanted)
    : clock(time),
      store(quota_store),
      settings(std::move(wanted)),
      cells(reclaimer),
      pool(settings.pool_cells),
      pool_key(SystemRandom().next_u64()) {}

const CellRecord* Thresholds::State::find_record(const CellKey& key) const {
  return cells.find(hash_of(key),
                    [&key](const CellRecord& candidate) { return candidate.key == key; });
}

void Thresholds::State::add(CellKey key, SubscriptionId subscription, std::string mark_scope) {
  if (find_record(key) != nullptr) return;
  const bool durable = static_cast<bool>(subscription);
  auto record =
      std::make_unique<CellRecord>(key, CellName{subscription, std::move(mark_scope)}, durable);
  const auto found = loaded.find({subscription, record->name.scope});
  if (durable && found != loaded.end()) {
    const QuotaMark& mark = found->second;
    Quota& quota = record->cell.quota;
    quota.period = mark.period;
    quota.anchor = mark.anchor;
    quota.zone = mark.zone;
    quota.start_us = mark.period_start_us;
    quota.end_us = mark.period_end_us != 0 ? mark.period_end_us
                                           : period_utc(mark.period, mark.period_start_us).end_us;
    quota.used = quota.mark = mark.mark;
    quota.granted = mark.granted;
    quota.epoch = mark.epoch;
    quota.told = mark.told;
  }
  cells.put(std::move(record), [&](const CellRecord& candidate) { return candidate.key == key; });
}

Thresholds::Thresholds(const Clock& clock, QuotaStore& store, Reclaimer& reclaimer,
                       Settings settings)
    : state_(std::make_unique<State>(clock, store, reclaimer, std::move(settings))) {}
Thresholds::~Thresholds() = default;

void Thresholds::load(std::span<const QuotaMark> marks) {
  for (const QuotaMark& mark : marks) {
    state_->loaded.insert_or_assign({mark.subscription, mark.scope}, mark);
  }
}

void Thresholds::add(SubscriptionId subscription) { add(subscription, ""); }
void Thresholds::add(SubscriptionId subscription, std::string_view scope) {
  state_->add(key_of(subscription, scope), subscription, std::string(scope));
}
void Thresholds::add(KeyId key, SubscriptionId subscription) {
  state_->add({CellKey::Kind::Key, key.value, 0}, subscription, key_scope(key));
}
void Thresholds::add(AccountId account) {
  state_->add({CellKey::Kind::Account, account.value, 0}, {}, {});
}
void Thresholds::add_api(std::string_view api) {
  state_->add({CellKey::Kind::Api, 0, scope_hash(api)}, {}, {});
  state_->add({CellKey::Kind::ApiShadow, 0, scope_hash(api)}, {}, {});
}

void Thresholds::put(const Subscription& subscription) {
  add(subscription.id);
  auto& plan = state_->plans[subscription.plan];
  PlanId& known = state_->plan_of[subscription.id];
  if (known != subscription.plan) plan.subscriptions.push_back(subscription.id);
  known = subscription.plan;
  for (const std::string& scope : plan.scopes) add(subscription.id, scope);
  if (plan.shadow) state_->add({CellKey::Kind::Shadow, subscription.id.value, 0}, {}, {});
}

void Thresholds::put(const Plan& plan) {
  auto& known = state_->plans[plan.id];
  known.scopes.clear();
  known.shadow = !plan.shadow.empty();
  for (const PlanOpening& opening : plan.opens) {
    if (opening.own.empty()) continue;
    append_scope(known.scopes.emplace_back(), opening.match);
  }
  for (const SubscriptionId subscription : known.subscriptions) {
    for (const std::string& scope : known.scopes) add(subscription, scope);
    if (known.shadow) state_->add({CellKey::Kind::Shadow, subscription.value, 0}, {}, {});
  }
}

void Thresholds::put(const ApiKey& key) {
  if (key.limits != Limits{}) add(key.id, key.subscription);
}

void Thresholds::put(const Account& account) {
  if (!account.limits.empty()) add(account.id);
}

void Thresholds::load(const Entities& entities) {
  for (const Account& account : entities.accounts) put(account);
  for (const Plan& plan : entities.plans) put(plan);
  for (const Subscription& subscription : entities.subscriptions) put(subscription);
  for (const ApiKey& key : entities.keys) put(key);
}

void Thresholds::apply(const Change& change_made) {
  for (const Entity& entity : change_made.put) {
    if (const auto* account = std::get_if<Account>(&entity)) put(*account);
    if (const auto* plan = std::get_if<Plan>(&entity)) put(*plan);
    if (const auto* subscription = std::get_if<Subscription>(&entity)) put(*subscription);
    if (const auto* key = std::get_if<ApiKey>(&entity)) put(*key);
  }
  for (const QuotaChange& one : change_made.quotas) change(one);
}

// The store has it already. What a raise under way comes back with is of the epoch before.
void Thresholds::change(const QuotaChange& wanted) {
  Cell* cell = find(wanted.subscription, wanted.scope);
  if (cell == nullptr) return;
  const std::lock_guard guard(cell->lock);
  Quota& quota = cell->quota;
  if (quota.end_us != 0 && quota.start_us > wanted.start_us) return;  // a period later already
  if (wanted.reset || quota.start_us != wanted.start_us) {
    quota.used = 0;
    quota.mark = 0;
    quota.told = 0;
  }
  quota.period = wanted.period;
  quota.anchor = wanted.anchor;
  quota.zone = wanted.zone;
  quota.start_us = wanted.start_us;
  quota.end_us = wanted.end_us;
  quota.granted = wanted.granted;
  quota.epoch = wanted.epoch;
}

std::optional<QuotaLook> Thresholds::look(SubscriptionId subscription, std::string_view scope,
                                          const Limits& limits) const {
  Cell* cell = find(subscription, scope);
  if (cell == nullptr) return std::nullopt;
  const std::int64_t wall_us = state_->clock.unix_us();
  QuotaLook look;
  look.period = limits.quota_period;
  look.anchor = limits.quota_anchor;
  look.zone = limits.quota_zone ? limits.quota_zone : kUtc;
  const Period next = period_of(look.zone, look.period, look.anchor, wall_us);
  const std::lock_guard guard(cell->lock);
  const Quota& quota = cell->quota;
  if (quota.end_us != 0 && wall_us < quota.end_us) {
    return QuotaLook{quota.period, quota.anchor, quota.zone,    quota.start_us,
                     quota.end_us, quota.used,   quota.granted, quota.epoch};
  }
  look.start_us = std::max(next.start_us, quota.end_us);  // as a decision would begin it
  look.end_us = next.end_us;
  return look;
}

Cell* Thresholds::find(SubscriptionId subscription) const { return find(subscription, ""); }
Cell* Thresholds::find(SubscriptionId subscription, std::string_view scope) const {
  if (scope.starts_with(kKeyScope)) {
    const auto key = KeyId::parse(scope.substr(kKeyScope.size()));
    return key ? find(*key) : nullptr;
  }
  return state_->find(key_of(subscription, scope));
}
Cell* Thresholds::find(KeyId key) const { return state_->find({CellKey::Kind::Key, key.value, 0}); }
Cell* Thresholds::find(AccountId account) const {
  return state_->find({CellKey::Kind::Account, account.value, 0});
}
Cell* Thresholds::find_shadow(SubscriptionId subscription) const {
  return state_->find({CellKey::Kind::Shadow, subscription.value, 0});
}
Cell* Thresholds::find_api(std::string_view api) const {
  return state_->find({CellKey::Kind::Api, 0, scope_hash(api)});
}
Cell* Thresholds::find_api_shadow(std::string_view api) const {
  return state_->find({CellKey::Kind::ApiShadow, 0, scope_hash(api)});
}

std::uint64_t Thresholds::tag_of(std::size_t api, UserId user) const {
  const std::uint64_t tag = mix(mix(user.value ^ state_->pool_key) + api * 2);
  return tag == 0 || tag == CellPool::kShared ? 1 : tag;
}

std::uint64_t Thresholds::tag_of(std::size_t api, const IpAddress& source, std::uint8_t v4_prefix,
                                 std::uint8_t v6_prefix) const {
  const std::size_t prefix = source.v6 ? v6_prefix : v4_prefix;
  std::uint64_t tag = state_->pool_key + api * 2 + 1 + (source.v6 ? 1ULL << 63U : 0);
  std::uint64_t part = 0;
  for (std::size_t i = 0; i * 8 < prefix; ++i) {
    const std::size_t kept = std::min<std::size_t>(8, prefix - i * 8);
    const auto masked = static_cast<std::uint8_t>(source.bytes[i] & (0xFF00U >> kept));
    part = (part << 8U) | masked;
    if (i % 8 == 7) tag = mix(tag ^ std::exchange(part, 0));
  }
  tag = mix(mix(tag ^ part));
  return tag == 0 || tag == CellPool::kShared ? 1 : tag;
}

void Thresholds::sweep() {
  const std::int64_t now_us = state_->clock.monotonic_us();
  state_->sweep_cursor = state_->cells.for_some(
      state_->sweep_cursor, kSweptAtOnce, [now_us](const CellRecord& record) {
        std::unique_ptr<RateWindow::Block> blocks[1 + kMaxWindows];  // freed after the lock
        Cell& cell = record.cell;
        if (!cell.lock.try_lock()) return;
        blocks[0] = cell.window.release_block(now_us);
        if (LongWindows* windows = cell.windows.load(std::memory_order_acquire)) {
          for (std::size_t i = 0; i < kMaxWindows; ++i) {
            blocks[i + 1] = (*windows)[i].release_block(now_us);
          }
        }
        cell.lock.unlock();
      });
}

std::uint64_t Thresholds::pool_shared() const { return state_->pool.shared(); }

Result<void> Thresholds::settle() {
  std::vector<QuotaMark> marks;
  state_->cells.for_each([&marks](const CellRecord& record) {
    Cell& cell = record.cell;
    const std::lock_guard guard(cell.lock);
    if (cell.name == nullptr || cell.quota.end_us == 0) return;
    QuotaMark& mark = marks.emplace_back(mark_of(cell.quota, cell.quota.used));
    mark.subscription = record.name.subscription;
    mark.scope = record.name.scope;
  });
  return state_->store.settle_quota_marks(marks);
}

}  // namespace sallyport::limit
