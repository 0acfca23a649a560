#include "limit/interval_audit.h"

#include <algorithm>
#include <string_view>

namespace sallyport::limit {

void IntervalAudit::fault(std::uint64_t& counter, std::int64_t time_us, std::string_view rule) {
  if (counter++ == 0 && first_fault_.empty()) {
    first_fault_ = std::string(rule) + " at " + std::to_string(time_us);
  }
}

void IntervalAudit::decided(std::int64_t time_us, bool admitted, bool refused, std::uint32_t cost) {
  const std::uint32_t counted = std::min(cost, rule_.burst);
  const std::int64_t window_us = rule_.seconds * 1'000'000LL;
  while (!arrived_.empty() && arrived_.front().time_us <= time_us - window_us / 50 * 51) {
    arrived_sum_ -= arrived_.front().cost;
    arrived_.pop_front();
  }
  if (refused) {
    ++refused_;
    // A cost that no rate could ever carry has to wait for the burst to be whole.
    if (arrived_sum_ + cost <= rule_.rate) {
      fault(wrongly_refused_, time_us, "refused below the rate");
    }
  }
  arrived_.push_back({time_us, cost});
  arrived_sum_ += cost;
  if (!admitted) return;
  ++admitted_;
  // Both ends belong to the interval.
  while (!taken_.empty() && taken_.front().time_us < time_us - window_us) {
    taken_sum_ -= taken_.front().cost;
    taken_.pop_front();
  }
  taken_.push_back({time_us, counted});
  taken_sum_ += counted;
  if (taken_sum_ > rule_.burst) fault(over_, time_us, "more than the burst within a window");
  __extension__ using Wide = __int128;
  const Wide line = static_cast<Wide>(rule_.rate) * time_us;
  const Wide before = sum_ * window_us - line;
  least_ = any_ ? std::min(least_, before) : before;
  any_ = true;
  sum_ += counted;
  if (sum_ * window_us - line - least_ > static_cast<Wide>(rule_.burst) * window_us) {
    fault(over_, time_us, "more than burst + rate * T within some T");
  }
}

}  // namespace sallyport::limit
