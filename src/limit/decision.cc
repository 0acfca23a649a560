#include <algorithm>
#include <functional>
#include <mutex>
#include <utility>

#include <boost/container/static_vector.hpp>

#include "base/calendar.h"
#include "limit/thresholds.h"
#include "limit/thresholds_state.h"

namespace sallyport::limit {
namespace {

// What one raise covers: as much as was admitted in the last 60 ms. With what is left of the mark
// before (a raise begins at half), a kill costs less than the last 100 ms of requests.
constexpr std::uint32_t kRaiseBuckets = 3;
constexpr std::int64_t kBlocked_s = 86'400;  // blocked for good: a day, so that nobody polls
constexpr std::size_t kNone = SIZE_MAX;

// One for each rule, in place: most requests have one or two, and what is not there need not be
// made.
template <class T>
using PerRule = boost::container::static_vector<T, kMaxRules>;

std::int64_t whole_seconds(std::int64_t us) {
  return std::max<std::int64_t>(1, (us + 999'999) / 1'000'000);
}

RateRule second_rule(const Limits& limits) {
  const std::uint32_t rate = limits.rate_per_second.value_or(0);
  return {rate, limits.burst.value_or(rate), 1};
}
RateRule window_rule(const WindowLimit& window) {
  return {window.count, window.count, window.seconds};
}

// Locks up to kMaxRules distinct cells in the order of their addresses.
class LockAll {
 public:
  explicit LockAll(std::span<const Rule> rules) {
    for (const Rule& rule : rules) {
      if (rule.cell == nullptr) continue;
      cells_.insert(std::ranges::upper_bound(cells_, rule.cell, std::less<>{}), rule.cell);
    }
    // Two users whose cells are shared may be the same cell twice.
    cells_.erase(std::unique(cells_.begin(), cells_.end()), cells_.end());
    for (Cell* cell : cells_) cell->lock.lock();
  }
  LockAll(const LockAll&) = delete;
  LockAll& operator=(const LockAll&) = delete;
  ~LockAll() {
    for (std::size_t i = cells_.size(); i-- > 0;) cells_[i]->lock.unlock();
  }

 private:
  PerRule<Cell*> cells_;
};

// Whether a pool's cell is still who it was when it was found. Under its lock.
bool is_his(const Rule& rule) {
  if (rule.tag == 0) return true;
  const std::uint64_t tag = rule.cell->tag.load(std::memory_order_relaxed);
  return tag == rule.tag || tag == CellPool::kShared;
}

// What the cells' locks must not wait for: memory for windows that are longer than a second.
void make_long_windows(std::span<const Rule> rules) {
  for (const Rule& rule : rules) {
    if (rule.cell == nullptr || rule.limits.windows[0].seconds == 0) continue;
    if (rule.cell->windows.load(std::memory_order_acquire) != nullptr) continue;
    auto made = std::make_unique<LongWindows>();
    LongWindows* none = nullptr;
    if (rule.cell->windows.compare_exchange_strong(none, made.get(), std::memory_order_acq_rel)) {
      made.release();  // NOLINT(bugprone-unused-return-value): the cell has it now
    }
  }
}

void refuse(Decision& decision, const Rule& rule, Reason reason, std::int64_t retry_after_s) {
  if (decision.kind == Decision::Kind::Admitted) {
    decision.kind = Decision::Kind::Refused;
    decision.reason = reason;
    decision.holder = rule.holder;
  }
  decision.retry_after_s = std::max(decision.retry_after_s, retry_after_s);
}

// One rule's rates and its concurrency, under its lock. The first that refuses names the reason.
void ask_rates(const Rule& rule, std::int64_t now_us, std::uint32_t cost, Decision& decision) {
  const auto ask = [&](RateWindow& window, const RateRule& rate) {
    if (window.admits(rate, now_us, cost)) return;
    const std::int64_t wait = window.wait_us(rate, now_us, cost);
    refuse(decision, rule, rule.over_rate, wait < 0 ? kBlocked_s : whole_seconds(wait));
  };
  if (rule.limits.rate_per_second) ask(rule.cell->window, second_rule(rule.limits));
  if (rule.limits.windows[0].seconds != 0) {
    LongWindows& windows = *rule.cell->windows.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < kMaxWindows && rule.limits.windows[i].seconds != 0; ++i) {
      ask(windows[i], window_rule(rule.limits.windows[i]));
    }
  }
  if (rule.limits.concurrency &&
      rule.cell->in_flight.load(std::memory_order_relaxed) >= *rule.limits.concurrency) {
    const bool service = rule.holder == Holder::Api;
    refuse(decision, rule, service ? Reason::ServiceOverConcurrency : Reason::OverConcurrency,
           *rule.limits.concurrency == 0 ? kBlocked_s : 1);
  }
}

std::uint64_t quota_of(const Rule& rule) {
  return rule.limits.quota.value_or(UINT64_MAX / 2) + rule.cell->quota.granted;
}

bool within_quota(const Rule& rule, std::uint32_t cost) {
  const std::uint64_t most = quota_of(rule);
  if (*rule.limits.quota == 0 && rule.cell->quota.granted == 0) return false;
  return cost == 0 || (rule.cell->quota.used < most && most - rule.cell->quota.used >= cost);
}

void charge_rates(const Rule& rule, std::int64_t now_us, std::uint32_t cost) {
  if (rule.limits.rate_per_second) {
    rule.cell->window.take(second_rule(rule.limits), now_us, cost);
  } else if (rule.limits.quota) {
    rule.cell->window.count(now_us, cost);
  }
  if (rule.limits.windows[0].seconds == 0) return;
  LongWindows& windows = *rule.cell->windows.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < kMaxWindows && rule.limits.windows[i].seconds != 0; ++i) {
    windows[i].take(window_rule(rule.limits.windows[i]), now_us, cost);
  }
}

// A limit in shadow decides by itself what it would have done, and counts what it would admit.
void ask_shadow(const Rule& rule, std::int64_t now_us, std::uint32_t cost, Decision& decision) {
  Decision own;
  ask_rates(rule, now_us, cost, own);
  if (rule.limits.quota && !within_quota(rule, cost)) refuse(own, rule, Reason::OverQuota, 1);
  if (own.kind == Decision::Kind::Refused) {
    if (decision.shadow == Reason::Ok) decision.shadow = own.reason;
    return;
  }
  charge_rates(rule, now_us, cost);
  if (rule.limits.quota) rule.cell->quota.used += cost;
}

// A period that has ended is followed by the one that holds the time; one that has begun is never
// left backwards, whatever the wall clock says. `next` was computed without the lock; the first
// rule that needs another one is told.
std::size_t turn_periods(std::span<const Rule> rules, std::int64_t wall_us,
                         const PerRule<Period>& next) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (!rules[i].limits.quota || rules[i].cell == nullptr) continue;
    Quota& quota = rules[i].cell->quota;
    if (quota.end_us != 0 && wall_us < quota.end_us) continue;
    if (next[i].end_us <= wall_us) return i;
    const bool raising = quota.raising;
    const std::int64_t ended_us = quota.end_us;
    quota = {};
    quota.raising = raising;
    // Periods of another kind may overlap; what is counted from now on is of the new one.
    quota.start_us = std::max(next[i].start_us, ended_us);
    quota.end_us = next[i].end_us;
    quota.period = rules[i].limits.quota_period;
    quota.anchor = rules[i].limits.quota_anchor;
    quota.zone = rules[i].limits.quota_zone ? rules[i].limits.quota_zone : kUtc;
  }
  return kNone;
}

bool any_quota(std::span<const Rule> rules) {
  return std::ranges::any_of(rules, [](const Rule& rule) { return rule.limits.quota.has_value(); });
}

}  // namespace

// All that happens under the locks of one decision.
void Thresholds::State::decide_locked(std::span<const Rule> rules, std::uint32_t cost, bool charge,
                                      std::int64_t wall_us, Decision& decision,
                                      std::span<Raise> raises) {
  const std::int64_t now_us = decision.decided_us;
  for (const Rule& rule : rules) {
    if (rule.cell != nullptr && !rule.shadow) ask_rates(rule, now_us, cost, decision);
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (rule.cell == nullptr || rule.shadow || !rule.limits.quota || within_quota(rule, cost)) {
      continue;
    }
    Quota& quota = rule.cell->quota;
    if (decision.kind == Decision::Kind::Admitted) decision.period = quota.period;
    refuse(decision, rule, Reason::OverQuota, whole_seconds(quota.end_us - wall_us));
    tell(*rule.cell, quota_of(rule), raises[i]);
  }
  if (decision.kind == Decision::Kind::Refused || !charge) return;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].cell == nullptr || rules[i].shadow || !rules[i].limits.quota) continue;
    need_mark(rules[i], now_us, cost, decision, raises[i]);
  }
  if (decision.kind != Decision::Kind::Admitted) return;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (rule.cell == nullptr) continue;
    if (rule.shadow) {
      ask_shadow(rule, now_us, cost, decision);
      continue;
    }
    charge_rates(rule, now_us, cost);
    if (rule.limits.concurrency) rule.cell->in_flight.fetch_add(1, std::memory_order_relaxed);
    if (!rule.limits.quota) continue;
    rule.cell->quota.used += cost;
    raise_ahead(*rule.cell, quota_of(rule), now_us, raises[i]);
    tell(*rule.cell, quota_of(rule), raises[i]);
  }
}

// Whoever comes to the end of the mark waits for the next one.
void Thresholds::State::need_mark(const Rule& rule, std::int64_t now_us, std::uint32_t cost,
                                  Decision& decision, Raise& raise) const {
  Cell& cell = *rule.cell;
  Quota& quota = cell.quota;
  const std::uint64_t most = quota_of(rule);
  if (quota.used + cost <= quota.mark) return;
  if (cell.name == nullptr) {  // what no subscription stands behind has no row in the store
    quota.mark = most;
    return;
  }
  if (decision.kind == Decision::Kind::Refused) return;
  if (quota.store_failed && !quota.raising) {
    quota.store_failed = false;
    decision.kind = Decision::Kind::Refused;
    decision.reason = Reason::StoreAway;
    decision.retry_after_s = 1;
    return;
  }
  decision.kind = Decision::Kind::Wait;
  decision.waiting_for = &cell;
  if (quota.raising) return;
  quota.raising = true;
  const std::uint32_t recent = cell.window.recent(now_us, kRaiseBuckets);
  raise.needed = raise.raises = true;
  raise.mark = mark_of(quota, std::min<std::uint64_t>(most, quota.used + std::max(cost, recent)));
}

// Slow traffic waits for each mark, so that a kill costs it nothing.
void Thresholds::State::raise_ahead(Cell& cell, std::uint64_t most, std::int64_t now_us,
                                    Raise& raise) {
  Quota& quota = cell.quota;
  const std::uint64_t chunk = cell.window.recent(now_us, kRaiseBuckets);
  if (cell.name == nullptr || chunk < 4 || quota.raising || quota.mark >= most ||
      quota.used >= quota.mark || (quota.mark - quota.used) * 2 > chunk) {
    return;
  }
  quota.raising = true;
  raise.needed = raise.raises = true;
  raise.mark = mark_of(quota, std::min<std::uint64_t>(most, quota.mark + chunk));
}

void Thresholds::claim(std::span<Rule> rules) {
  for (Rule& rule : rules) {
    if (rule.tag != 0) rule.cell = state_->pool.claim(rule.tag, state_->clock.monotonic_us());
  }
}

Decision Thresholds::peek(std::span<const Rule> rules, std::uint32_t cost) {
  return decide(rules, cost, false);
}

Decision Thresholds::take(std::span<const Rule> rules, std::uint32_t cost) {
  return decide(rules, cost, true);
}

Decision Thresholds::decide(std::span<const Rule> rules, std::uint32_t cost, bool charge) {
  Decision decision;
  if (rules.empty()) return decision;
  RateWindow::prepare();
  make_long_windows(rules);
  // Only a quota has a calendar; a rate need not wait for the second clock under the lock.
  const bool calendar = any_quota(rules);
  PerRule<Raise> raises(calendar ? rules.size() : 0);
  PerRule<Period> next(raises.size());
  for (;;) {
    std::size_t due = kNone;
    std::int64_t wall_us = 0;
    {
      const LockAll locks(rules);
      const bool moved =
          !std::ranges::all_of(rules, [](const Rule& rule) { return !rule.cell || is_his(rule); });
      if (moved) {
        decision.kind = Decision::Kind::Moved;
        return decision;
      }
      decision.decided_us = state_->clock.monotonic_us();
      if (calendar) {
        wall_us = state_->clock.unix_us();
        due = turn_periods(rules, wall_us, next);
      }
      if (due == kNone) {
        state_->decide_locked(rules, cost, charge, wall_us, decision, raises);
        break;
      }
    }
    const Limits& limits = rules[due].limits;
    next[due] = period_of(limits.quota_zone, limits.quota_period, limits.quota_anchor, wall_us);
  }
  for (std::size_t i = 0; i < raises.size(); ++i) {
    if (raises[i].needed) state_->send(*rules[i].cell, raises[i]);
  }
  return decision;
}

}  // namespace sallyport::limit
