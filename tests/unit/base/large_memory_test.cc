#include "base/large_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

namespace sallyport {
namespace {

TEST(LargeAllocator, HoldsSmallAndLarge) {
  for (const std::size_t bytes : {std::size_t{64}, kHugePage, 3 * kHugePage + 64}) {
    std::vector<std::uint64_t, LargeAllocator<std::uint64_t>> numbers(bytes / 8);
    if (bytes >= kHugePage) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(numbers.data()) % kHugePage, 0U);
    }
    std::iota(numbers.begin(), numbers.end(), 0U);
    const auto moved = std::move(numbers);
    EXPECT_EQ(moved.back(), moved.size() - 1);
  }
}

}  // namespace
}  // namespace sallyport
