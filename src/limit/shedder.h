// Under overload, whom to refuse: the requests of the plans with the lowest priority first. One per
// worker; its tick tells it how late the loop is, and while it is late tick after tick, more and
// more of the lowest class is refused, then of the next; as the loop recovers, they come back one
// after the other. A tenth of the highest class is always let in, so that recovery is seen.
// All on the worker's thread, but for the readings.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace sallyport::limit {

class Shedder {
 public:
  // `late_us`: the lag above which the loop counts as late; 0 = nobody is ever refused.
  explicit Shedder(std::int64_t late_us);

  void tick(std::int64_t lag_us);
  // Whether a request of a plan with this priority is to be refused now. Learns the priorities.
  bool sheds(std::int32_t priority) const;

  // Any thread.
  std::int64_t lag_us() const { return lag_us_.load(std::memory_order_relaxed); }
  // How many classes are refused, in hundredths: 150 is the lowest and half of the next.
  std::uint32_t level() const { return level_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t kWhole = 100;
  static constexpr std::uint32_t kKept = 10;       // of the highest class
  static constexpr std::uint32_t kUp = 10;         // per late tick
  static constexpr std::uint32_t kDown = 5;        // per tick in time
  static constexpr int kPatience = 3;              // late ticks before anybody is refused
  static constexpr std::int64_t kForgotten = 600;  // ticks after which a class is not one any more
  static constexpr std::size_t kMostClasses = 64;

  const std::int64_t late_us_;
  std::atomic<std::int64_t> lag_us_ = 0;
  std::atomic<std::uint32_t> level_ = 0;
  int late_ticks_ = 0;
  std::int64_t tick_ = 0;
  struct Class {
    std::int32_t priority = 0;
    std::int64_t last_tick = 0;
  };
  mutable std::vector<Class> classes_;  // ascending; room for all is made at the start
  mutable std::uint32_t turn_ = 0;
};

}  // namespace sallyport::limit
