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
#include "base/table_slots.h"

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
      for (auto& cell : slots->cells) delete Slots::record_in(cell.load(std::memory_order_relaxed));
    }
    delete slots;
  }

  // Readers and writer. `matches(record)` compares the whole key.
  template <class Matches>
  const Record* find(std::uint64_t hash, Matches&& matches) const {
    const Slots* slots = slots_.load(std::memory_order_acquire);
    for (std::uint64_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
      const std::uintptr_t word = slots->cells[i].load(std::memory_order_acquire);
      if (word == Slots::kEmpty) return nullptr;
      if (const Record* record = Slots::candidate(word, hash);
          record != nullptr && matches(*record)) {
        return record;
      }
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
    typename Slots::Cell* free_cell = nullptr;
    for (std::uint64_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
      auto& cell = slots->cells[i];
      const std::uintptr_t word = cell.load(std::memory_order_relaxed);
      if (word == Slots::kEmpty) {
        if (free_cell == nullptr) {
          free_cell = &cell;
          ++used_;
        }
        break;
      }
      if (word == Slots::kTombstone) {
        if (free_cell == nullptr) free_cell = &cell;
        continue;
      }
      if (const Record* present = Slots::candidate(word, hash); present && matches(*present)) {
        cell.store(Slots::word_of(record, hash), std::memory_order_release);
        retire(present);
        return;
      }
    }
    free_cell->store(Slots::word_of(record, hash), std::memory_order_release);
    ++size_;
  }

  // Writer only. False when there was none.
  template <class Matches>
  bool erase(std::uint64_t hash, Matches&& matches) {
    Slots* slots = slots_.load(std::memory_order_relaxed);
    for (std::uint64_t i = hash & slots->mask;; i = (i + 1) & slots->mask) {
      auto& cell = slots->cells[i];
      const std::uintptr_t word = cell.load(std::memory_order_relaxed);
      if (word == Slots::kEmpty) return false;
      if (const Record* present = Slots::candidate(word, hash); present && matches(*present)) {
        cell.store(Slots::kTombstone, std::memory_order_release);
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
      const std::uintptr_t word = slots->cells[cursor].load(std::memory_order_acquire);
      if (const Record* record = Slots::record_in(word)) visit(*record);
    }
    return cursor;
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kFirstCapacity = 64;

  using Slots = TableSlots<Record, Hash>;

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
    constexpr std::size_t kAhead = 16;
    for (std::size_t n = 0; n < old->cells.size(); ++n) {
      if (n + kAhead < old->cells.size()) {
        __builtin_prefetch(
            Slots::record_in(old->cells[n + kAhead].load(std::memory_order_relaxed)));
      }
      const Record* record = Slots::record_in(old->cells[n].load(std::memory_order_relaxed));
      if (record == nullptr) continue;
      const std::uint64_t hash = Hash::of(*record);
      std::uint64_t i = hash & grown->mask;
      while (grown->cells[i].load(std::memory_order_relaxed) != Slots::kEmpty)
        i = (i + 1) & grown->mask;
      grown->cells[i].store(Slots::word_of(record, hash), std::memory_order_relaxed);
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
