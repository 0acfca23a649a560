// Time as an interface, so that tests and the simulator run the same code on a clock of their own.
// Monotonic time decides (deadlines, rates); wall time is what people and calendars see.
#pragma once

#include <atomic>
#include <cstdint>

namespace sallyport {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t monotonic_us() const = 0;  // microseconds since an arbitrary start
  virtual std::int64_t unix_us() const = 0;       // microseconds since 1970-01-01T00:00:00Z
  // As monotonic_us, up to 10 ms behind, at a fraction of the cost: for deadlines of seconds.
  virtual std::int64_t coarse_us() const { return monotonic_us(); }
  // As monotonic_us, but it also runs while the machine is suspended.
  virtual std::int64_t boot_us() const { return monotonic_us(); }
};

// The machine's clocks. Stateless, any thread.
class SystemClock final : public Clock {
 public:
  std::int64_t monotonic_us() const override;
  std::int64_t unix_us() const override;
  std::int64_t coarse_us() const override;
  std::int64_t boot_us() const override;
};

// A clock that moves only when told to. Any thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t unix_us = 1'790'000'000'000'000) : unix_us_(unix_us) {}
  std::int64_t monotonic_us() const override { return monotonic_us_; }
  std::int64_t unix_us() const override { return unix_us_; }
  std::int64_t boot_us() const override { return monotonic_us_ + suspended_us_; }
  void advance_us(std::int64_t us) {
    monotonic_us_ += us;
    unix_us_ += us;
  }
  void step_wall_us(std::int64_t us) { unix_us_ += us; }  // someone set the wall clock
  void suspend_us(std::int64_t us) {                      // the machine slept
    suspended_us_ += us;
    unix_us_ += us;
  }

 private:
  std::atomic<std::int64_t> monotonic_us_ = 1'000'000;
  std::atomic<std::int64_t> suspended_us_ = 0;
  std::atomic<std::int64_t> unix_us_;
};

}  // namespace sallyport
