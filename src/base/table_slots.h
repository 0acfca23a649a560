// The cells of a table and what one of them holds. Inner header of base/table.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/large_memory.h"
#include "base/result.h"
#include "base/sanitized.h"

namespace sallyport {

// A cell holds nothing, a mark where something was, or a record's address and, in the sixteen bits
// that an address has no use for, the first sixteen of its hash: a record that stands in the way of
// another is passed without being read. Sanitizers look for pointers in memory, and have them bare.
template <class Record, class Hash>
struct TableSlots {
  using Cell = std::atomic<std::uintptr_t>;
  static constexpr std::uintptr_t kEmpty = 0;
  static constexpr std::uintptr_t kTombstone = 1;

  explicit TableSlots(std::size_t capacity) : cells(capacity), mask(capacity - 1) {}
  std::vector<Cell, LargeAllocator<Cell>> cells;
  std::uint64_t mask;

  static std::uintptr_t word_of(const Record* record, std::uint64_t hash) {
    const auto address = reinterpret_cast<std::uintptr_t>(record);
    SALLYPORT_CHECK((address & ~kAddress) == 0);
    return address | (hash & kHashPart);
  }
  static const Record* record_in(std::uintptr_t word) {
    if (word == kTombstone) return nullptr;
    return reinterpret_cast<const Record*>(word & kAddress);
  }
  // The record in `word` if its hash is this one.
  static const Record* candidate(std::uintptr_t word, std::uint64_t hash) {
    if (((word ^ hash) & kHashPart) != 0) return nullptr;
    const Record* record = record_in(word);
    return record != nullptr && Hash::of(*record) == hash ? record : nullptr;
  }

 private:
  static constexpr unsigned kAddressBits = 48;
  static constexpr std::uintptr_t kAddress = (std::uintptr_t{1} << kAddressBits) - 1;
  static constexpr std::uintptr_t kHashPart = kSanitized ? 0 : ~kAddress;
};

}  // namespace sallyport
