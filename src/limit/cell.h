// The inside of a threshold's cell. Everything but the lock and the requests in flight is read and
// written under the lock.
#pragma once

#include <sched.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/entities.h"
#include "base/loop.h"
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
  bool try_lock() { return !busy_.test_and_set(std::memory_order_acquire); }
  void unlock() { busy_.clear(std::memory_order_release); }

 private:
  std::atomic_flag busy_;
};

struct Quota {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;  // 0 = no period has begun
  std::uint64_t used = 0;
  std::uint64_t mark = 0;     // durable: `used` may go up to it
  std::uint64_t granted = 0;  // by an operator, on top of the quota
  std::uint32_t epoch = 0;    // counts an operator's resets
  ZoneId zone;
  QuotaPeriod period = QuotaPeriod::Day;
  std::uint8_t anchor = 1;
  std::uint8_t told = 0;      // of the percentages that are told as events
  bool raising = false;       // a raise is under way
  bool store_failed = false;  // the last raise failed and nobody has tried since
};

// What a cell counts for. `scope` is the hash of an opening's or an API's name, else 0.
struct CellKey {
  enum class Kind : std::uint8_t { Subscription, Key, Api, Account, Shadow, ApiShadow };
  Kind kind = Kind::Subscription;
  std::uint64_t id = 0;
  std::uint64_t scope = 0;
  bool operator==(const CellKey&) const = default;
};

// Under which name its quota's mark stands in the store.
struct CellName {
  SubscriptionId subscription;
  std::string scope;
};

using LongWindows = std::array<RateWindow, kMaxWindows>;
using Waiting = std::vector<std::pair<Loop*, Callback>>;

// What each decision reads comes first.
struct alignas(64) Cell {
  Cell() = default;
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;
  ~Cell() { delete windows.load(std::memory_order_relaxed); }
  SpinLock lock;
  std::atomic<std::uint32_t> in_flight = 0;  // raised under the lock, lowered without
  // Of a cell of the pool: whose it is now; changes under the lock.
  std::atomic<std::uint64_t> tag = 0;
  RateWindow window;
  Quota quota;
  std::atomic<LongWindows*> windows = nullptr;  // made for the first rule that has any
  const CellName* name = nullptr;               // none: its quota is not durable
  std::unique_ptr<Waiting> waiting;
};

}  // namespace sallyport::limit
