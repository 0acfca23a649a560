// Memory in pieces of megabytes that are read all over at random: on huge pages, where the system
// has them to give, so that a read misses the cache alone and not the page tables as well.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace sallyport {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;

// What is smaller than a huge page comes from the heap as always. Any thread.
template <class T>
struct LargeAllocator {
  using value_type = T;

  LargeAllocator() = default;
  template <class Other>
  LargeAllocator(const LargeAllocator<Other>&) {}  // NOLINT: as the standard's allocators convert

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* memory = ::operator new(bytes, alignment(bytes));
    // Only a wish: without it everything works, from small pages.
    if (bytes >= kHugePage) ::madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    ::operator delete(memory, alignment(count * sizeof(T)));
  }
  bool operator==(const LargeAllocator&) const = default;

 private:
  static std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t(bytes < kHugePage ? alignof(T) : kHugePage);
  }
};

}  // namespace sallyport
