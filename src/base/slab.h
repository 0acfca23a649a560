// Memory for very many records of one type, from large pieces without a head or a gap for each.
// What is given back is used again for the same type, and never returned to the system. Any thread;
// a lock for a moment. Under a sanitizer each record is allocated by itself, so that misuse is
// seen.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "base/large_memory.h"
#include "base/sanitized.h"

namespace sallyport {

template <std::size_t kSize, std::size_t kAlign>
class Slab {
 public:
  static Slab& instance() {
    static auto* slab = std::make_unique<Slab>().release();  // lives as long as the last record
    return *slab;
  }

  void* take() {
    if constexpr (kSanitized) return ::operator new(kSize, std::align_val_t(kAlign));
    const std::lock_guard guard(mutex_);
    if (free_ == nullptr) add_piece();
    Free* taken = free_;
    free_ = taken->next;
    return taken;
  }
  void give(void* memory) {
    if constexpr (kSanitized) return ::operator delete(memory, std::align_val_t(kAlign));
    const std::lock_guard guard(mutex_);
    free_ = std::construct_at(static_cast<Free*>(memory), free_);
  }

 private:
  struct Free {
    Free* next;
  };
  static_assert(kSize >= sizeof(Free) && kSize % kAlign == 0);
  struct Place {
    alignas(kAlign) std::byte memory[kSize];
  };
  using Piece = std::vector<Place, LargeAllocator<Place>>;

  // Small pieces for the first records, huge pages once there are many.
  void add_piece() {
    constexpr std::size_t kSmallPieces = 16;
    constexpr std::size_t kSmall = std::max<std::size_t>(64 * 1024 / kSize, 1);
    constexpr std::size_t kLarge = std::max<std::size_t>(kHugePage / kSize, 1);
    Piece& piece = pieces_.emplace_back(pieces_.size() < kSmallPieces ? kSmall : kLarge);
    for (std::size_t i = piece.size(); i > 0; --i) {
      free_ = std::construct_at(reinterpret_cast<Free*>(piece[i - 1].memory), free_);
    }
  }

  std::mutex mutex_;
  Free* free_ = nullptr;
  std::vector<Piece> pieces_;
};

// Base of what is allocated from a slab of its own.
template <class Record>
struct FromSlab {
  static void* operator new(std::size_t) { return memory().take(); }
  static void operator delete(void* record) { memory().give(record); }

 private:
  static auto& memory() { return Slab<sizeof(Record), alignof(Record)>::instance(); }
};

}  // namespace sallyport
