#include "limit/cell_pool.h"

#include <gtest/gtest.h>

#include <set>

namespace sallyport::limit {
namespace {

constexpr std::int64_t kNow = 5'000'000;

void use(Cell* cell, std::int64_t now_us) { cell->window.count(now_us); }

TEST(CellPool, TheSameTagGetsTheSameCell) {
  CellPool pool(16);
  EXPECT_EQ(pool.find(77), nullptr);
  Cell* cell = pool.claim(77, kNow);
  use(cell, kNow);
  EXPECT_EQ(pool.find(77), cell);
  EXPECT_EQ(pool.claim(77, kNow), cell);
  EXPECT_EQ(cell->tag, 77U);
}

TEST(CellPool, ALiveCellIsNeverTakenAndNewcomersShare) {
  CellPool pool(8);
  std::set<Cell*> live;
  for (std::uint64_t tag = 1; tag <= 8; ++tag) {
    Cell* cell = pool.claim(tag, kNow);
    use(cell, kNow);
    live.insert(cell);
  }
  EXPECT_EQ(live.size(), 8U);
  Cell* ninth = pool.claim(9, kNow);
  EXPECT_FALSE(live.contains(ninth));
  EXPECT_EQ(ninth->tag, CellPool::kShared);
  EXPECT_EQ(pool.claim(10, kNow), ninth);
  EXPECT_EQ(pool.shared(), 2U);
  for (std::uint64_t tag = 1; tag <= 8; ++tag) EXPECT_TRUE(live.contains(pool.find(tag)));
}

TEST(CellPool, WhatHasRunOutGoesToTheNext) {
  CellPool pool(8);
  for (std::uint64_t tag = 1; tag <= 8; ++tag) use(pool.claim(tag, kNow), kNow);
  Cell* cell = pool.claim(9, kNow + 1'020'000);
  EXPECT_EQ(cell->tag, 9U);
  EXPECT_EQ(pool.shared(), 0U);
}

}  // namespace
}  // namespace sallyport::limit
