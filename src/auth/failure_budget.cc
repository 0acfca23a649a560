#include "auth/failure_budget.h"

#include <algorithm>
#include <limits>

namespace sallyport::auth {
namespace {

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

}  // namespace

FailureBudget::FailureBudget(const Options& options, const Clock& clock, Random& random)
    : clock_(clock),
      step_us_(options.per_second == 0 ? 0 : 1'000'000 / options.per_second),
      tolerance_us_(step_us_ * std::max(options.burst, 1U)),
      cells_(std::make_unique<Cell[]>(kRows * kColumns)) {
  for (auto& seed : seeds_) seed = random.next_u64();
}

FailureBudget::Cell& FailureBudget::cell(std::size_t row, KeyId key, std::uint64_t source) const {
  const std::uint64_t place = mix(mix(key.value ^ seeds_[row]) ^ source);
  return cells_[row * kColumns + place % kColumns];
}

// The generic cell rate algorithm: a cell is the time at which its bucket would be whole again, so
// one word is the whole state. Of the rows the one that is less spent counts.
std::int64_t FailureBudget::wait_us(KeyId key, std::uint64_t source) const {
  if (step_us_ == 0) return 0;
  // Never charged: the usual case, told without asking for the time.
  if (cell(0, key, source).load(std::memory_order_relaxed) == 0) return 0;
  const std::int64_t now = clock_.monotonic_us();
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::size_t row = 0; row < kRows; ++row) {
    const std::int64_t whole = cell(row, key, source).load(std::memory_order_relaxed);
    least = std::min(least, std::max(whole, now) + step_us_ - tolerance_us_ - now);
  }
  return least;
}

bool FailureBudget::spent(KeyId key, std::uint64_t source) const {
  return wait_us(key, source) > 0;
}

bool FailureBudget::charge(KeyId key, std::uint64_t source) {
  if (step_us_ == 0) return true;
  const std::int64_t now = clock_.monotonic_us();
  bool fits = false;
  for (std::size_t row = 0; row < kRows; ++row) {
    Cell& one = cell(row, key, source);
    std::int64_t whole = one.load(std::memory_order_relaxed);
    for (;;) {
      const std::int64_t next = std::max(whole, now) + step_us_;
      if (next - now > tolerance_us_) break;  // this row is full of somebody, or of this one
      if (one.compare_exchange_weak(whole, next, std::memory_order_relaxed)) {
        fits = true;
        break;
      }
    }
  }
  return fits;
}

void FailureBudget::refund(KeyId key, std::uint64_t source) {
  if (step_us_ == 0) return;
  for (std::size_t row = 0; row < kRows; ++row) {
    cell(row, key, source).fetch_sub(step_us_, std::memory_order_relaxed);
  }
}

std::int64_t FailureBudget::retry_after_s(KeyId key, std::uint64_t source) const {
  return std::max<std::int64_t>(1, (wait_us(key, source) + 999'999) / 1'000'000);
}

}  // namespace sallyport::auth
