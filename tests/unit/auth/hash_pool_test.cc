#include "auth/hash_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <vector>

#include "base/clock.h"

namespace sallyport::auth {
namespace {

using Lane = HashPool::Lane;

bool submit(HashPool& pool, Lane lane, HashPool::Work work, std::uint64_t source = 0) {
  HashPool::Work pushed_out;
  return pool.submit({lane, source, std::move(work), {}}, pushed_out);
}

// Keeps a lane's only thread until it is let go.
struct Holder {
  Holder(HashPool& pool, Lane lane) {
    EXPECT_TRUE(submit(pool, lane, [latches = latches] {
      latches->running.count_down();
      latches->release.wait();
    }));
    latches->running.wait();
  }
  void release() { latches->release.count_down(); }

  // Shared: the thread may still be inside of wait() when the test is over.
  struct Latches {
    std::latch running{1};
    std::latch release{1};
  };
  std::shared_ptr<Latches> latches = std::make_shared<Latches>();
};

TEST(HashPool, RunsWhatItIsGivenInEitherLane) {
  for (const Lane lane : {Lane::Familiar, Lane::Unproven}) {
    std::latch done(50);
    HashPool pool({2, 100, 50});
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(submit(pool, lane, [&done] { done.count_down(); }));
    done.wait();
  }
}

TEST(HashPool, AFullLaneRefusesAtOnceAndLeavesTheOtherAlone) {
  HashPool pool({1, 2, 50});
  Holder familiar(pool, Lane::Familiar);
  Holder unproven(pool, Lane::Unproven);
  for (const Lane lane : {Lane::Familiar, Lane::Unproven}) {
    EXPECT_TRUE(submit(pool, lane, [] {}));
    EXPECT_TRUE(submit(pool, lane, [] {}));
    EXPECT_EQ(pool.waiting(lane), 2U);
    EXPECT_FALSE(submit(pool, lane, [] {}));
  }
  familiar.release();
  unproven.release();
}

TEST(HashPool, StoppingDropsWhatWaitsAndTakesNothingMore) {
  HashPool pool({1, 10, 50});
  std::atomic<int> ran = 0;
  Holder holder(pool, Lane::Familiar);
  ASSERT_TRUE(submit(pool, Lane::Familiar, [&ran] { ++ran; }));
  holder.release();
  pool.stop();
  EXPECT_LE(ran, 1);
  EXPECT_FALSE(submit(pool, Lane::Familiar, [] {}));
  EXPECT_FALSE(submit(pool, Lane::Unproven, [] {}));
}

TEST(HashPool, SourcesTakeTurns) {
  std::vector<int> order;
  std::latch done(12);
  HashPool pool({1, 100, 50});
  {
    Holder holder(pool, Lane::Unproven);
    for (int i = 0; i < 10; ++i) {
      submit(pool, Lane::Unproven, [&] { order.push_back(1), done.count_down(); }, 1);
    }
    submit(pool, Lane::Unproven, [&] { order.push_back(2), done.count_down(); }, 2);
    submit(pool, Lane::Unproven, [&] { order.push_back(3), done.count_down(); }, 3);
    holder.release();
    done.wait();
  }
  EXPECT_EQ(order[1], 2) << "one of each, whoever came first";
  EXPECT_EQ(order[2], 3);
}

TEST(HashPool, TheSourceWithMostWaitingMakesRoomForOneWithLess) {
  HashPool pool({1, 4, 50});
  Holder holder(pool, Lane::Unproven);
  int dropped = 0;
  for (int i = 0; i < 4; ++i) {
    HashPool::Work none;
    ASSERT_TRUE(pool.submit({Lane::Unproven, 1, [] {}, [&dropped] { ++dropped; }}, none));
    EXPECT_FALSE(none);
  }
  EXPECT_FALSE(submit(pool, Lane::Unproven, [] {}, 1)) << "no room for still more of the same";
  for (int i = 0; i < 2; ++i) {
    HashPool::Work pushed_out;
    ASSERT_TRUE(pool.submit({Lane::Unproven, std::uint64_t(2 + i), [] {}, [] {}}, pushed_out));
    ASSERT_TRUE(pushed_out);
    pushed_out();
  }
  EXPECT_EQ(dropped, 2);
  EXPECT_EQ(pool.waiting(Lane::Unproven), 4U);
  EXPECT_FALSE(submit(pool, Lane::Unproven, [] {}, 2)) << "it has its share";
  holder.release();
}

void burn(std::int64_t us) {
  const SystemClock clock;
  const std::int64_t end = clock.monotonic_us() + us;
  while (clock.monotonic_us() < end) {
  }
}

// With a share of 10 %, half a second of credit and then a tenth of the time that passes.
TEST(HashPool, TheUnprovenHaveAShareOfTheCpu) {
  HashPool pool({1, 1000, 10});
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(submit(pool, Lane::Unproven, [] { burn(20'000); }));
  const SystemClock clock;
  const std::int64_t begin = clock.monotonic_us();
  while (clock.monotonic_us() - begin < 1'500'000) burn(1'000);
  const std::int64_t used = pool.unproven_cpu_us();
  EXPECT_LE(used, 500'000 + 150'000 + 40'000);
  EXPECT_GT(pool.waiting(Lane::Unproven), 100U);
  std::latch done(1);
  ASSERT_TRUE(submit(pool, Lane::Familiar, [&done] { done.count_down(); }));
  done.wait();  // and nobody in the other lane waits for them
}

}  // namespace
}  // namespace sallyport::auth
