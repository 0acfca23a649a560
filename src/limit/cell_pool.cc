#include "limit/cell_pool.h"

#include <bit>
#include <mutex>

namespace sallyport::limit {
namespace {

// Under the cell's lock.
bool is_spent(Cell& cell, std::int64_t now_us) {
  if (!cell.window.forgettable(now_us)) return false;
  LongWindows* windows = cell.windows.load(std::memory_order_acquire);
  if (windows == nullptr) return true;
  for (RateWindow& window : *windows) {
    if (!window.forgettable(now_us)) return false;
  }
  return true;
}

}  // namespace

CellPool::CellPool(std::size_t cells)
    : sets_(std::bit_ceil((cells + kWays - 1) / kWays)),
      cells_(std::make_unique<Cell[]>(sets_ * (kWays + 1))),
      table_(std::make_unique<Set[]>(sets_)) {
  for (std::size_t set = 0; set < sets_; ++set) cell(set, kWays)->tag = kShared;
}

Cell* CellPool::find(std::uint64_t tag) {
  const std::size_t set = set_of(tag);
  for (std::size_t way = 0; way < kWays; ++way) {
    if (table_[set].tags[way].load(std::memory_order_acquire) == tag) return cell(set, way);
  }
  return nullptr;
}

Cell* CellPool::claim(std::uint64_t tag, std::int64_t now_us) {
  if (Cell* found = find(tag)) return found;
  const std::size_t number = set_of(tag);
  Set& set = table_[number];
  const std::lock_guard claiming(set.lock);
  if (Cell* found = find(tag)) return found;  // somebody else was quicker
  for (std::size_t way = 0; way < kWays; ++way) {
    Cell* taken = cell(number, way);
    const std::lock_guard guard(taken->lock);
    if (!is_spent(*taken, now_us)) continue;
    taken->tag.store(tag, std::memory_order_relaxed);
    set.tags[way].store(tag, std::memory_order_release);
    return taken;
  }
  shared_.fetch_add(1, std::memory_order_relaxed);
  return cell(number, kWays);
}

}  // namespace sallyport::limit
