#include "base/task.h"

#include <array>
#include <new>
#include <vector>

namespace sallyport::detail {
#if defined(__SANITIZE_ADDRESS__)

// The sanitizer shall see a frame that is used after its end.
void* take_frame(std::size_t size) { return ::operator new(size); }
void give_frame(void* frame, std::size_t) { ::operator delete(frame); }

#else

namespace {

constexpr std::size_t kStep = 128;      // sizes are rounded up to it
constexpr std::size_t kClasses = 16;    // frames above 2 KiB are rare and not kept
constexpr std::size_t kMostKept = 256;  // of one size: 64 connections have some four frames each

// Bounded, so that a burst does not hold its memory for ever.
struct Store {
  std::array<std::vector<void*>, kClasses> kept;
  Store() {
    for (auto& one : kept) one.reserve(kMostKept);
  }
  ~Store() {
    for (auto& one : kept) {
      for (void* frame : one) ::operator delete(frame);
    }
    gone = true;
  }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  // A frame that outlives its thread's store goes back to the system.
  static thread_local bool gone;
};
thread_local bool Store::gone = false;

Store& store() {
  static thread_local Store own;
  return own;
}

std::size_t class_of(std::size_t size) { return (size + kStep - 1) / kStep; }

}  // namespace

void* take_frame(std::size_t size) {
  const std::size_t index = class_of(size);
  if (index >= kClasses || Store::gone) return ::operator new(size);
  auto& kept = store().kept[index];
  if (kept.empty()) return ::operator new(index * kStep);
  void* frame = kept.back();
  kept.pop_back();
  return frame;
}

void give_frame(void* frame, std::size_t size) {
  const std::size_t index = class_of(size);
  if (index < kClasses && !Store::gone) {
    auto& kept = store().kept[index];
    if (kept.size() < kMostKept) {
      kept.push_back(frame);
      return;
    }
  }
  ::operator delete(frame);
}

#endif

}  // namespace sallyport::detail
