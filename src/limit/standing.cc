#include <algorithm>
#include <mutex>

#include "base/calendar.h"
#include "limit/thresholds.h"
#include "limit/thresholds_state.h"

namespace sallyport::limit {
namespace {

constexpr std::uint32_t kBucketsOfASecond = 50;

std::int64_t seconds_until(std::int64_t us) { return us <= 0 ? 0 : (us + 999'999) / 1'000'000; }

// Under the cell's lock. A fifty-first counter may still hold some of what is just out of the
// window; clients are told what refuses them, so it counts.
Standing of_window(const Rule& rule, RateWindow& window, const RateRule& rate,
                   std::int64_t now_us) {
  Standing standing;
  standing.holder = rule.holder;
  standing.limit = rate.burst;
  standing.window_s = rate.seconds;
  standing.used = window.recent(now_us, RateWindow::kBuckets);
  // When nothing of it counts any more: what a request as large as the limit would wait for.
  standing.reset_s = seconds_until(window.wait_us(rate, now_us, rate.burst));
  return standing;
}

}  // namespace

Usage Thresholds::usage(const Rule& rule) const {
  if (rule.cell == nullptr) return {};
  const std::int64_t wall_us = state_->clock.unix_us();
  const Period next = rule.limits.quota
                          ? period_of(rule.limits.quota_zone, rule.limits.quota_period,
                                      rule.limits.quota_anchor, wall_us)
                          : Period{};
  RateWindow::prepare();
  const std::lock_guard guard(rule.cell->lock);
  const Quota& quota = rule.cell->quota;
  Usage usage;
  usage.in_last_second = rule.cell->window.recent(state_->clock.monotonic_us(), kBucketsOfASecond);
  usage.in_flight = rule.cell->in_flight.load(std::memory_order_relaxed);
  const bool ended = rule.limits.quota && (quota.end_us == 0 || wall_us >= quota.end_us);
  usage.used = ended ? 0 : quota.used;
  usage.granted = ended ? 0 : quota.granted;
  usage.resets_us = ended ? next.end_us : quota.end_us;
  return usage;
}

std::size_t Thresholds::standings(std::span<const Rule> rules, std::span<Standing> out) const {
  const std::int64_t now_us = state_->clock.monotonic_us();
  std::int64_t wall_us = 0;
  std::size_t count = 0;
  const auto add = [&](Standing standing) {
    if (count < out.size()) out[count++] = standing;
  };
  for (const Rule& rule : rules) {
    if (rule.cell == nullptr || rule.shadow) continue;
    if (rule.limits.quota && wall_us == 0) wall_us = state_->clock.unix_us();
    const std::lock_guard guard(rule.cell->lock);
    if (rule.limits.rate_per_second) {
      const std::uint32_t rate = *rule.limits.rate_per_second;
      add(of_window(rule, rule.cell->window, {rate, rule.limits.burst.value_or(rate), 1}, now_us));
    }
    LongWindows* windows = rule.cell->windows.load(std::memory_order_acquire);
    for (std::size_t i = 0; windows != nullptr && i < kMaxWindows; ++i) {
      const WindowLimit& window = rule.limits.windows[i];
      if (window.seconds == 0) continue;
      add(of_window(rule, (*windows)[i], {window.count, window.count, window.seconds}, now_us));
    }
    if (!rule.limits.quota) continue;
    const Quota& quota = rule.cell->quota;
    Standing standing;
    standing.holder = rule.holder;
    standing.quota = true;
    standing.limit = *rule.limits.quota + quota.granted;
    standing.used = quota.used;
    standing.resets_us = quota.end_us;
    standing.reset_s = seconds_until(quota.end_us - wall_us);
    standing.window_s = seconds_until(quota.end_us - quota.start_us);
    add(standing);
  }
  return count;
}

}  // namespace sallyport::limit
