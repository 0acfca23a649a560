// Checks decisions against the rules of a rate, by other means than those that made them: no
// counters, the times themselves. Fed in the order of time; one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "limit/rate_window.h"

namespace sallyport::limit {

class IntervalAudit {
 public:
  explicit IntervalAudit(const RateRule& rule) : rule_(rule) {}

  // `refused`: by this very limit. What was neither admitted nor refused by it counts as arrived.
  void decided(std::int64_t time_us, bool admitted, bool refused, std::uint32_t cost = 1);

  bool clean() const { return over_ == 0 && wrongly_refused_ == 0; }
  std::uint64_t over() const { return over_; }  // admissions that made an interval too full
  std::uint64_t wrongly_refused() const { return wrongly_refused_; }
  std::uint64_t admitted() const { return admitted_; }
  std::uint64_t refused() const { return refused_; }
  const std::string& first_fault() const { return first_fault_; }

 private:
  struct Event {
    std::int64_t time_us;
    std::uint32_t cost;
  };
  void fault(std::uint64_t& counter, std::int64_t time_us, std::string_view rule);

  const RateRule rule_;
  std::deque<Event> taken_;    // within one window
  std::deque<Event> arrived_;  // within 1.02 windows
  std::uint64_t taken_sum_ = 0;
  std::uint64_t arrived_sum_ = 0;
  __extension__ __int128 least_ = 0;  // of (sum before - rate * time), in request-microseconds
  __extension__ __int128 sum_ = 0;
  bool any_ = false;
  std::uint64_t over_ = 0;
  std::uint64_t wrongly_refused_ = 0;
  std::uint64_t admitted_ = 0;
  std::uint64_t refused_ = 0;
  std::string first_fault_;
};

}  // namespace sallyport::limit
