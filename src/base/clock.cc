#include "base/clock.h"

#include <time.h>

namespace sallyport {
namespace {

std::int64_t read_us(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

// CLOCK_MONOTONIC, not _COARSE: rate cells are 20 ms wide and log microseconds.
std::int64_t SystemClock::monotonic_us() const { return read_us(CLOCK_MONOTONIC); }
std::int64_t SystemClock::unix_us() const { return read_us(CLOCK_REALTIME); }
std::int64_t SystemClock::coarse_us() const { return read_us(CLOCK_MONOTONIC_COARSE); }
std::int64_t SystemClock::boot_us() const { return read_us(CLOCK_BOOTTIME); }

}  // namespace sallyport
