#include "base/slab.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

namespace sallyport {
namespace {

TEST(Slab, GivesAlignedPlacesThatDoNotOverlap) {
  Slab<64, 64> slab;
  std::set<std::uintptr_t> places;
  std::vector<void*> taken;
  constexpr int kIntoLargePieces = 60'000;
  for (int i = 0; i < kIntoLargePieces; ++i) {
    taken.push_back(slab.take());
    const auto place = reinterpret_cast<std::uintptr_t>(taken.back());
    EXPECT_EQ(place % 64, 0U);
    EXPECT_TRUE(places.insert(place / 64).second);
  }
  for (void* place : taken) slab.give(place);
  void* again = slab.take();
  EXPECT_NE(again, nullptr);
  slab.give(again);
}

}  // namespace
}  // namespace sallyport
