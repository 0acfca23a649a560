// The inside of a threshold's cell. Everything but the lock is read and written under the lock.
#pragma once

#include <sched.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/entities.h"
#include "base/loop.h"
#include "base/time_text.h"
#include "limit/rate_window.h"

namespace sallyport::limit {

class SpinLock {
 public:
  void lock() {
    constexpr int kSpins = 200;  // a few times what a decision takes
    for (int spins = 0; busy_.test_and_set(std::memory_order_acquire);) {
      while (busy_.test(std::memory_order_relaxed)) {
        __builtin_ia32_pause();
        if (++spins < kSpins) continue;
        sched_yield();  // its holder has lost the CPU
        spins = 0;
      }
    }
  }
  void unlock() { busy_.clear(std::memory_order_release); }

 private:
  std::atomic_flag busy_;
};

struct Quota {
  QuotaPeriod period = QuotaPeriod::Day;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;  // 0 = no period has begun
  std::uint64_t used = 0;
  std::uint64_t mark = 0;     // durable: `used` may go up to it
  bool raising = false;       // a raise is under way
  bool store_failed = false;  // the last raise failed and nobody has tried since
};

struct CellKey {
  enum class Kind : std::uint8_t { Subscription, Key, Api };
  Kind kind = Kind::Subscription;
  std::uint64_t id = 0;
  std::string scope;
  bool operator==(const CellKey&) const = default;
};

// What each decision reads comes first; the names are for the store.
struct alignas(64) Cell {
  explicit Cell(CellKey owner) : key(std::move(owner)) {}
  SpinLock lock;
  RateWindow window;
  Quota quota;
  // Whose mark in the store makes its quota durable; none: of an API.
  SubscriptionId subscription;
  std::string mark_scope;
  std::vector<std::pair<Loop*, Callback>> waiting;
  const CellKey key;
};

}  // namespace sallyport::limit
