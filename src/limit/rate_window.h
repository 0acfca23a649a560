// How many requests were admitted lately: fifty-one counters of 20 ms, which cover every one-second
// interval that ends now, wherever it starts, and nothing that is older than 1.02 s. A token bucket
// beside them holds the long run when the burst is above the rate. A value inside a threshold's
// cell, under its lock; times are monotonic microseconds and never go back.
#pragma once

#include <array>
#include <cstdint>

namespace sallyport::limit {

struct RateRule {
  std::uint32_t rate = 0;   // per second; 0 blocks everything
  std::uint32_t burst = 0;  // >= rate
};

class RateWindow {
 public:
  // Whether one more may be admitted: (a) at most `burst` in any second, (b) at most
  // burst + rate * T in any T seconds, (c) whoever sent fewer than `rate` within 1.02 s may.
  bool admits(const RateRule& rule, std::int64_t now_us);
  // Counts one that was admitted. After admits() with the same time and rule.
  void take(const RateRule& rule, std::int64_t now_us);
  // For cells without a rate: keeps recent() right.
  void count(std::int64_t now_us);
  // Microseconds until admits() is sure to be true for a silent client; 0 = now, -1 = never.
  std::int64_t wait_us(const RateRule& rule, std::int64_t now_us);
  // Admitted within the last `buckets` counters of 20 ms, at most 51.
  std::uint32_t recent(std::int64_t now_us, std::uint32_t buckets);

 private:
  static constexpr std::int64_t kBucket_us = 20'000;
  static constexpr std::int64_t kBuckets = 51;
  static constexpr std::int64_t kToken = 1'000'000;  // one request, in request-microseconds

  void advance(std::int64_t now_us);
  void refill(const RateRule& rule, std::int64_t now_us);

  std::uint32_t sum_ = 0;
  bool bucket_used_ = false;  // tokens_ means something
  std::int64_t newest_ = 0;   // index of the newest counter, in units of 20 ms
  std::int64_t tokens_ = 0;   // of the long-run bucket, in request-microseconds
  std::int64_t refilled_us_ = 0;
  std::array<std::uint32_t, kBuckets> counts_{};
};

}  // namespace sallyport::limit
