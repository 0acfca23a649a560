// The wall clock as expiry and quotas use it: it never goes back, not even over a restart, and a
// jump forward that the monotonic clock does not confirm is told. Reading takes no lock, on any
// thread; tick() is one thread's, about once a second.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/clock.h"

namespace sallyport {

class DurableClock final : public Clock {
 public:
  // `high_water_us`: the latest time that was ever relied on, from the store.
  DurableClock(const Clock& machine, std::int64_t high_water_us);

  std::int64_t monotonic_us() const override { return machine_.monotonic_us(); }
  std::int64_t coarse_us() const override { return machine_.coarse_us(); }
  std::int64_t unix_us() const override;

  struct Tick {
    std::int64_t high_water_us = 0;  // to be made durable
    std::int64_t jumped_us = 0;      // forward, not confirmed by the monotonic clock
    std::int64_t behind_us = 0;      // the machine's clock is that much before the high water
  };
  // Notes the time as relied on.
  Tick tick();
  std::uint64_t jumps() const { return jumps_.load(std::memory_order_relaxed); }

 private:
  // More than a clock that is being slewed gains between two ticks (adjtime: 0.05 percent).
  static constexpr std::int64_t kTolerance_us = 2'000'000;

  const Clock& machine_;
  std::atomic<std::int64_t> high_water_us_;
  std::atomic<std::uint64_t> jumps_ = 0;
  std::int64_t last_unix_us_ = 0;
  std::int64_t last_boot_us_ = 0;
};

}  // namespace sallyport
