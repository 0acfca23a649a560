#include "support/manual_loop.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace sallyport::test {
namespace {

constexpr std::size_t kEndless = 1'000'000;  // callbacks of one run_all(): a loop that never ends

}  // namespace

void ManualLoop::post(Callback callback) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(callback));
}

void ManualLoop::at(std::int64_t monotonic_us, Callback callback) {
  timers_.emplace(monotonic_us, std::move(callback));
}

bool ManualLoop::run_one() {
  Callback next;
  {
    const std::lock_guard lock(mutex_);
    if (!posted_.empty()) {
      next = std::move(posted_.front());
      posted_.pop_front();
    }
  }
  if (!next && !timers_.empty() && timers_.begin()->first <= clock_.monotonic_us()) {
    next = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
  }
  if (!next) return false;
  next();
  return true;
}

std::size_t ManualLoop::run_all() {
  std::size_t ran = 0;
  while (run_one()) {
    if (++ran == kEndless) {
      std::fprintf(stderr, "ManualLoop: %zu callbacks and no end\n", ran);
      std::abort();
    }
  }
  return ran;
}

std::size_t ManualLoop::advance_us(std::int64_t us) {
  const std::int64_t end = clock_.monotonic_us() + us;
  std::size_t ran = run_all();
  while (!timers_.empty() && timers_.begin()->first <= end) {
    const std::int64_t wait = timers_.begin()->first - clock_.monotonic_us();
    if (wait > 0) clock_.advance_us(wait);
    ran += run_all();
  }
  if (end > clock_.monotonic_us()) clock_.advance_us(end - clock_.monotonic_us());
  return ran + run_all();
}

bool ManualLoop::advance_to_next_timer() {
  if (timers_.empty()) return false;
  const std::int64_t wait = timers_.begin()->first - clock_.monotonic_us();
  if (wait > 0) clock_.advance_us(wait);
  run_all();
  return true;
}

bool ManualLoop::idle() const {
  const std::lock_guard lock(mutex_);
  return posted_.empty() && (timers_.empty() || timers_.begin()->first > clock_.monotonic_us());
}

}  // namespace sallyport::test
