// Cells for whoever nobody registered: source networks, and users of an API that limits each. A
// fixed number of them, in sets of eight; a cell whose counters have run out is nobody's and goes
// to the next who needs one. A live one is never taken away: when a set is full of them, its
// newcomers share one cell beside it. Any worker; finding takes no lock, claiming the set's own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "limit/cell.h"

namespace sallyport::limit {

class CellPool {
 public:
  // At least `cells`, rounded up to whole sets.
  explicit CellPool(std::size_t cells);

  // The cell with this tag, which is not 0, or null. It may change hands until it is locked: then
  // look at its tag again.
  Cell* find(std::uint64_t tag);
  // Finds it or gives it a cell.
  Cell* claim(std::uint64_t tag, std::int64_t now_us);
  static constexpr std::uint64_t kShared = UINT64_MAX;  // the tag of a shared cell

  std::uint64_t shared() const { return shared_.load(std::memory_order_relaxed); }
  std::size_t capacity() const { return sets_ * kWays; }

 private:
  static constexpr std::size_t kWays = 8;
  struct Set {
    SpinLock lock;  // for claiming
    std::array<std::atomic<std::uint64_t>, kWays> tags{};
  };
  std::size_t set_of(std::uint64_t tag) const { return (tag >> 7) & (sets_ - 1); }
  Cell* cell(std::size_t set, std::size_t way) const { return &cells_[set * (kWays + 1) + way]; }

  std::size_t sets_;
  std::unique_ptr<Cell[]> cells_;  // of each set, and then its shared one
  std::unique_ptr<Set[]> table_;
  std::atomic<std::uint64_t> shared_ = 0;
};

}  // namespace sallyport::limit
