#include "auth/hash_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace sallyport::auth {
namespace {

TEST(HashPool, RunsWhatItIsGiven) {
  HashPool pool(2, 100);
  std::latch done(50);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.submit([&done] { done.count_down(); }));
  done.wait();
}

TEST(HashPool, AFullQueueRefusesAtOnce) {
  HashPool pool(1, 2);
  std::latch running(1);
  std::latch release(1);
  ASSERT_TRUE(pool.submit([&] {
    running.count_down();
    release.wait();
  }));
  running.wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_EQ(pool.waiting(), 2U);
  EXPECT_FALSE(pool.submit([] {}));
  release.count_down();
}

TEST(HashPool, StoppingDropsWhatWaitsAndTakesNothingMore) {
  HashPool pool(1, 10);
  std::latch running(1);
  std::latch release(1);
  std::atomic<int> ran = 0;
  ASSERT_TRUE(pool.submit([&] {
    running.count_down();
    release.wait();
  }));
  running.wait();
  ASSERT_TRUE(pool.submit([&ran] { ++ran; }));
  release.count_down();
  pool.stop();
  EXPECT_LE(ran, 1);
  EXPECT_FALSE(pool.submit([] {}));
}

}  // namespace
}  // namespace sallyport::auth
