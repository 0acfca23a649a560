// Memory for very many records of one type, from large pieces without a head or a gap for each.
// What is given back is used again for the same type, and never returned to the system. Any thread;
// a lock for a moment. Under a sanitizer each record is allocated by itself, so that misuse is
// seen.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SALLYPORT_SLAB_APART 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SALLYPORT_SLAB_APART 1
#endif

namespace sallyport {

template <std::size_t kSize, std::size_t kAlign>
class Slab {
 public:
  static Slab& instance() {
    static auto* slab = std::make_unique<Slab>().release();  // lives as long as the last record
    return *slab;
  }

  void* take() {
#ifdef SALLYPORT_SLAB_APART
    return ::operator new(kSize, std::align_val_t(kAlign));
#else
    const std::lock_guard guard(mutex_);
    if (free_ == nullptr) add_piece();
    Free* taken = free_;
    free_ = taken->next;
    return taken;
#endif
  }
  void give(void* memory) {
#ifdef SALLYPORT_SLAB_APART
    ::operator delete(memory, std::align_val_t(kAlign));
#else
    const std::lock_guard guard(mutex_);
    free_ = std::construct_at(static_cast<Free*>(memory), free_);
#endif
  }

 private:
  struct Free {
    Free* next;
  };
  static_assert(kSize >= sizeof(Free) && kSize % kAlign == 0);
  static constexpr std::size_t kAtOnce = 1024;
  struct Piece {
    alignas(kAlign) std::byte memory[kAtOnce][kSize];
  };

  void add_piece() {
    auto& piece = *pieces_.emplace_back(std::make_unique_for_overwrite<Piece>());
    for (std::size_t i = kAtOnce; i > 0; --i) {
      free_ = std::construct_at(reinterpret_cast<Free*>(piece.memory[i - 1]), free_);
    }
  }

  std::mutex mutex_;
  Free* free_ = nullptr;
  std::vector<std::unique_ptr<Piece>> pieces_;
};

}  // namespace sallyport
