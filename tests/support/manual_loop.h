// A loop cranked by hand on a ManualClock: nothing runs until the test says so, and time passes
// only in advance_us(). post() from any thread; everything else on the test's thread. Never fails.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "base/loop.h"

namespace sallyport::test {

class ManualLoop final : public Loop {
 public:
  explicit ManualLoop(ManualClock& clock) : clock_(clock) {}

  void post(Callback callback) override;
  void at(std::int64_t monotonic_us, Callback callback) override;

  // Runs what is posted and what is due now, also what these add, until nothing is left to run.
  // The number of callbacks that ran; ends the process when they never end.
  std::size_t run_all();
  // Runs everything, then moves the clock from one timer to the next until `us` have passed.
  std::size_t advance_us(std::int64_t us);
  // Moves the clock to the earliest timer and runs everything; false when there is none.
  bool advance_to_next_timer();

  std::size_t timers() const { return timers_.size(); }
  bool idle() const;  // nothing posted and no timer due

 private:
  bool run_one();

  ManualClock& clock_;
  mutable std::mutex mutex_;  // guards posted_
  std::deque<Callback> posted_;
  std::multimap<std::int64_t, Callback> timers_;
};

}  // namespace sallyport::test
