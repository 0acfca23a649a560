#include <mutex>
#include <utility>

#include "limit/thresholds.h"
#include "limit/thresholds_state.h"

namespace sallyport::limit {

QuotaMark mark_of(const Quota& quota, std::uint64_t mark) {
  QuotaMark made;
  made.period_start_us = quota.start_us;
  made.period_end_us = quota.end_us;
  made.period = quota.period;
  made.anchor = quota.anchor;
  made.zone = quota.zone;
  made.granted = quota.granted;
  made.epoch = quota.epoch;
  made.told = quota.told;
  made.mark = mark;
  return made;
}

void Thresholds::State::tell(Cell& cell, std::uint64_t quota, Raise& raise) const {
  if (cell.name == nullptr || quota == 0) return;
  const std::uint8_t before = cell.quota.told;
  // used * 100 >= quota * percent, without the product: no quota comes near 2^57.
  while (cell.quota.told < settings.percents.size() &&
         cell.quota.used * 100 >= quota * settings.percents[cell.quota.told]) {
    ++cell.quota.told;
  }
  if (cell.quota.told == before) return;
  if (!raise.needed) {
    raise.needed = true;
    raise.mark = mark_of(cell.quota, cell.quota.mark);
  }
  raise.mark.told = cell.quota.told;
  raise.told_before = before;
  raise.used = cell.quota.used;
  raise.quota = quota;
}

void Thresholds::State::send(Cell& cell, const Raise& raise) {
  QuotaMark mark = raise.mark;
  mark.subscription = cell.name->subscription;
  mark.scope = cell.name->scope;
  for (std::size_t i = raise.told_before; raise.quota != 0 && i < mark.told; ++i) {
    mark.events.push_back({settings.percents[i], raise.used, raise.quota, clock.unix_us()});
  }
  store.raise_quota_mark(std::move(mark), [this, &cell, raise](Result<void> done) {
    if (raise.raises) raised(cell, raise, done.has_value());
  });
}

void Thresholds::State::raised(Cell& cell, const Raise& raise, bool durable) {
  std::unique_ptr<Waiting> waiting;
  {
    const std::lock_guard guard(cell.lock);
    Quota& quota = cell.quota;
    quota.raising = false;
    // A mark that comes back in the next period, or after a reset, says nothing about it.
    if (quota.start_us == raise.mark.period_start_us && quota.epoch == raise.mark.epoch) {
      if (durable) {
        quota.mark = std::max(quota.mark, raise.mark.mark);
      } else {
        quota.store_failed = true;
      }
    }
    waiting = std::move(cell.waiting);
  }
  if (!waiting) return;
  for (auto& [loop, callback] : *waiting) loop->post(std::move(callback));
}

void Thresholds::when_raised(Cell* cell, Loop& loop, Callback callback) {
  {
    auto made = std::make_unique<Waiting>();
    const std::lock_guard guard(cell->lock);
    if (cell->quota.raising) {
      if (!cell->waiting) cell->waiting = std::move(made);
      cell->waiting->emplace_back(&loop, std::move(callback));
      return;
    }
  }
  loop.post(std::move(callback));
}

void Thresholds::charge_more(std::span<const Rule> rules, std::uint32_t cost) {
  RateWindow::prepare();
  const std::int64_t now_us = state_->clock.monotonic_us();
  for (const Rule& rule : rules) {
    if (rule.cell == nullptr || rule.shadow) continue;
    Raise raise;
    {
      const std::lock_guard guard(rule.cell->lock);
      const std::uint64_t tag = rule.cell->tag.load(std::memory_order_relaxed);
      if (rule.tag != 0 && tag != rule.tag) continue;
      if (rule.limits.rate_per_second || rule.limits.quota) rule.cell->window.count(now_us, cost);
      LongWindows* windows = rule.cell->windows.load(std::memory_order_acquire);
      for (std::size_t i = 0; windows != nullptr && i < kMaxWindows; ++i) {
        const std::uint32_t seconds = rule.limits.windows[i].seconds;
        if (seconds != 0) (*windows)[i].count(now_us, cost, seconds);
      }
      Quota& quota = rule.cell->quota;
      if (!rule.limits.quota || quota.end_us == 0) continue;
      quota.used += cost;
      if (rule.cell->name == nullptr) continue;
      // It is spent, whether or not there was a mark for it: the next mark begins behind it.
      if (quota.used > quota.mark && !quota.raising) {
        quota.raising = true;
        raise.needed = raise.raises = true;
        raise.mark = mark_of(quota, quota.used);
      }
      state_->tell(*rule.cell, *rule.limits.quota + quota.granted, raise);
    }
    if (raise.needed) state_->send(*rule.cell, raise);
  }
}

void Thresholds::end_flight(Cell& cell) { cell.in_flight.fetch_sub(1, std::memory_order_relaxed); }

}  // namespace sallyport::limit
