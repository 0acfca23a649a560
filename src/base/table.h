// A hash table of immutable records for many readers without a lock and one writer.
// Open addressing over atomic pointers; a record is replaced whole. Readers may hold a pointer
// until their loop's next turn: the Reclaimer frees it later. Writer: the control thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/reclaimer.h"

namespace sallyport {

// Record must have `std::uint64_t hash() const`, equal for equal keys and well mixed.
struct OwnHash {
  static constexpr bool kOwns = true;
  static std::uint64_t of(const auto& record) { return record.hash(); }
};

// `Hash` says what a record is found by, and whether this table owns them or another, which then is
// put to and erased from later.
template <class Record, class Hash = OwnHash>
class Table {
 public:
  explicit Table(Reclaimer& reclaimer) : reclaimer_(reclaimer) {
    slots_.store(new Slots(kFirstCapacity), std::memory_order_release);  // NOLINT: owned below
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() {
    Slots* slots = slots_.load(std::memory_order_relaxed);
    if constexpr (Hash::kOwns) {
      for (auto& cell : slots->cells) delete live(cell.load(std::memory_order_relaxed));
    }
    delete slots;
  }

  // Readers and writer. `matches(record)` compares the whole key.
  template <class Matches>
  const Record* find(std::uint64_t hash, Matches&& matches) const {
    const Slots* slots = slots_.load(std::memory_order_acquire);
    for (std::uint64_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
      const Record* record = slots->cells[i].load(std::memory_order_acquire);
      if (record == nullptr) return nullptr;
      if (record != tombstone() && Hash::of(*record) == hash && matches(*record)) return record;
    }
  }

  // Writer only. Inserts, or replaces the record that matches.
  template <class Matches>
  void put(std::unique_ptr<const Record> record, Matches&& matches) {
    point_to(record.release(), matches);
  }
  template <class Matches>
  void point_to(const Record* record, Matches&& matches) {
    reserve_one();
    Slots* slots = slots_.load(std::memory_order_relaxed);
    const std::uint64_t hash = Hash::of(*record);
    std::atomic<const Record*>* free_cell = nullptr;
    for (std::uint64_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
      auto& cell = slots->cells[i];
      const Record* present = cell.load(std::memory_order_relaxed);
      if (present == nullptr) {
        if (free_cell == nullptr) {
          free_cell = &cell;
          ++used_;
        }
        break;
      }
      if (present == tombstone()) {
        if (free_cell == nullptr) free_cell = &cell;
        continue;
      }
      if (Hash::of(*present) == hash && matches(*present)) {
        cell.store(record, std::memory_order_release);
        retire(present);
        return;
      }
    }
    free_cell->store(record, std::memory_order_release);
    ++size_;
  }

  // Writer only. False when there was none.
  template <class Matches>
  bool erase(std::uint64_t hash, Matches&& matches) {
    Slots* slots = slots_.load(std::memory_order_relaxed);
    for (std::uint64_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
      auto& cell = slots->cells[i];
      const Record* present = cell.load(std::memory_order_relaxed);
      if (present == nullptr) return false;
      if (present != tombstone() && Hash::of(*present) == hash && matches(*present)) {
        cell.store(tombstone(), std::memory_order_release);
        retire(present);
        --size_;
        return true;
      }
    }
  }

  // Writer only.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for_some(0, SIZE_MAX, visit);
  }
  // Readers and writer: what stands in `count` places after `cursor`; the next call's cursor.
  template <class Visit>
  std::size_t for_some(std::size_t cursor, std::size_t count, Visit&& visit) const {
    const Slots* slots = slots_.load(std::memory_order_acquire);
    for (std::size_t n = std::min(count, slots->cells.size()); n > 0; --n) {
      cursor = (cursor + 1) & slots->mask;
      if (const Record* record = live(slots->cells[cursor].load(std::memory_order_acquire))) {
        visit(*record);
      }
    }
    return cursor;
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kFirstCapacity = 64;

  struct Slots {
    explicit Slots(std::size_t capacity) : cells(capacity), mask(capacity - 1) {}
    std::vector<std::atomic<const Record*>> cells;
    std::uint64_t mask;
  };

  static const Record* tombstone() {
    static const char kMark = 0;
    return reinterpret_cast<const Record*>(&kMark);
  }
  static const Record* live(const Record* record) {
    return record == tombstone() ? nullptr : record;
  }
  void retire(const Record* record) {
    if constexpr (Hash::kOwns) {
      reclaimer_.retire([record] { delete record; });
    }
  }

  // At most 5/8 of the cells are used, tombstones included. Readers go on in the old array.
  void reserve_one() {
    Slots* old = slots_.load(std::memory_order_relaxed);
    if ((used_ + 1) * 8 <= old->cells.size() * 5) return;
    std::size_t capacity = kFirstCapacity;
    while ((size_ + 1) * 8 > capacity * 3) capacity *= 2;
    auto* grown = new Slots(capacity);  // NOLINT: owned by slots_
    for (auto& cell : old->cells) {
      const Record* record = live(cell.load(std::memory_order_relaxed));
      if (record == nullptr) continue;
      std::uint64_t i = Hash::of(*record) & grown->mask;
      while (grown->cells[i].load(std::memory_order_relaxed) != nullptr) i = (i + 1) & grown->mask;
      grown->cells[i].store(record, std::memory_order_relaxed);
    }
    used_ = size_;
    slots_.store(grown, std::memory_order_release);
    reclaimer_.retire([old] { delete old; });
  }

  Reclaimer& reclaimer_;
  std::atomic<Slots*> slots_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;  // cells that are not null
};

}  // namespace sallyport
