// How many requests were admitted lately: fifty-one counters, each a fiftieth of the window wide
// (20 ms of a second), which cover every interval of the window's length that ends now, wherever it
// starts, and nothing that is older than 1.02 of it. A token bucket beside them holds the long run
// when the burst is above the rate. Few counters are kept in place, many in a block that a busy
// window borrows from its thread. A value inside a threshold's cell, under its lock; times are
// monotonic microseconds and never go back.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

namespace sallyport::limit {

struct RateRule {
  std::uint32_t rate = 0;     // per `seconds`; 0 blocks everything
  std::uint32_t burst = 0;    // >= rate
  std::uint32_t seconds = 1;  // 1 to 3600
};

class RateWindow {
 public:
  static constexpr std::uint32_t kBuckets = 51;
  using Block = std::array<std::uint32_t, kBuckets>;
  // Before a lock is taken under which windows are charged: this thread has blocks to lend.
  static void prepare();

  // Whether one of this cost may be admitted: (a) at most `burst` in any window, (b) at most
  // burst + rate * T in any T windows, (c) whoever sent fewer than `rate` within 1.02 of a window
  // may. A cost above the burst counts as the burst: it is admitted when nothing else was.
  bool admits(const RateRule& rule, std::int64_t now_us, std::uint32_t cost = 1);
  // Counts what was admitted. After admits() with the same time, rule and cost.
  void take(const RateRule& rule, std::int64_t now_us, std::uint32_t cost = 1);
  // What nobody asked admits() about: in cells without a rate, or a cost that came with the answer.
  void count(std::int64_t now_us, std::uint32_t cost = 1, std::uint32_t seconds = 1);
  // Microseconds until admits() is sure to be true for a silent client; 0 = now, -1 = never.
  std::int64_t wait_us(const RateRule& rule, std::int64_t now_us, std::uint32_t cost = 1);
  // Admitted within the last `buckets` counters, at most 51.
  std::uint32_t recent(std::int64_t now_us, std::uint32_t buckets);
  // Nothing is left that could refuse anything: the window may be forgotten.
  bool forgettable(std::int64_t now_us);
  // Gives the block back when the counters fit in place again.
  std::unique_ptr<Block> release_block(std::int64_t now_us);

 private:
  static constexpr std::int64_t kToken = 1'000'000;  // one request, in request-microseconds
  struct Counter {
    std::uint32_t bucket = 0;  // modulo 2^32, as newest_
    std::uint32_t count = 0;
  };
  static constexpr std::uint32_t kInPlace = 5;

  void use(std::uint32_t seconds, std::int64_t now_us);
  void advance(std::int64_t now_us);
  void add(std::uint32_t cost);
  void spill();
  void refill(const RateRule& rule, std::int64_t now_us);
  // Visits the counters that hold something, the oldest first: visit(age in buckets, count).
  template <class Visit>
  void for_each(Visit&& visit) const;

  std::uint32_t sum_ = 0;
  std::uint32_t newest_ = 0;  // index of the newest counter, in buckets since the clock's start
  std::uint32_t bucket_us_ = 20'000;
  std::uint8_t kept_ = 0;     // counters in place; none when there is a block
  bool bucket_used_ = false;  // tokens_ means something
  std::int64_t tokens_ = 0;   // of the long-run bucket, in request-microseconds
  std::int64_t refilled_us_ = 0;
  std::int64_t full_us_ = 0;  // when the bucket is full again
  std::array<Counter, kInPlace> counters_{};
  std::unique_ptr<Block> block_;
};

}  // namespace sallyport::limit
