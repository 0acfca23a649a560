#include "base/durable_clock.h"

#include <algorithm>

namespace sallyport {

DurableClock::DurableClock(const Clock& machine, std::int64_t high_water_us)
    : machine_(machine),
      high_water_us_(high_water_us),
      last_unix_us_(machine.unix_us()),
      last_boot_us_(machine.boot_us()) {}

std::int64_t DurableClock::unix_us() const {
  return std::max(machine_.unix_us(), high_water_us_.load(std::memory_order_relaxed));
}

DurableClock::Tick DurableClock::tick() {
  const std::int64_t now_us = machine_.unix_us();
  const std::int64_t boot_us = machine_.boot_us();
  const std::int64_t unconfirmed = (now_us - last_unix_us_) - (boot_us - last_boot_us_);
  last_unix_us_ = now_us;
  last_boot_us_ = boot_us;
  const std::int64_t known = high_water_us_.load(std::memory_order_relaxed);
  Tick tick;
  tick.high_water_us = std::max(known, now_us);
  tick.behind_us = std::max<std::int64_t>(0, known - now_us);
  if (now_us > known) high_water_us_.store(now_us, std::memory_order_relaxed);
  if (unconfirmed > kTolerance_us) {
    tick.jumped_us = unconfirmed;
    jumps_.fetch_add(1, std::memory_order_relaxed);
  }
  return tick;
}

}  // namespace sallyport
