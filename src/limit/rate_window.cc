#include "limit/rate_window.h"

#include <algorithm>

namespace sallyport::limit {

void RateWindow::advance(std::int64_t now_us) {
  const std::int64_t index = now_us / kBucket_us;
  if (index <= newest_) return;
  if (sum_ == 0) {
    // All counters are zero already.
  } else if (index - newest_ >= kBuckets) {
    counts_.fill(0);
    sum_ = 0;
  } else {
    for (std::int64_t i = newest_ + 1; i <= index; ++i) {
      auto& count = counts_[static_cast<std::size_t>(i % kBuckets)];
      sum_ -= count;
      count = 0;
    }
  }
  newest_ = index;
}

// With burst == rate the window alone keeps (b): at most `rate` in each second makes at most
// rate * (T + 1) in T. Above, the bucket does; refilled over 1.02 s it holds more than `rate`, so
// that it never breaks (c).
void RateWindow::refill(const RateRule& rule, std::int64_t now_us) {
  const std::int64_t capacity = rule.burst * kToken;
  if (!bucket_used_) {
    bucket_used_ = true;
    tokens_ = capacity;
  } else {
    // At most 2^30 us, so that no rate makes the product overflow; (c) needs 1.02 s of it.
    const auto elapsed = std::clamp<std::int64_t>(now_us - refilled_us_, 0, 1LL << 30);
    tokens_ = std::min(capacity, tokens_ + elapsed * rule.rate);
  }
  refilled_us_ = std::max(refilled_us_, now_us);
}

bool RateWindow::admits(const RateRule& rule, std::int64_t now_us) {
  if (rule.rate == 0) return false;
  advance(now_us);
  if (sum_ >= rule.burst) return false;
  if (rule.burst == rule.rate) return true;
  refill(rule, now_us);
  return tokens_ >= kToken;
}

void RateWindow::take(const RateRule& rule, std::int64_t now_us) {
  count(now_us);
  if (rule.burst != rule.rate) {
    refill(rule, now_us);
    tokens_ -= kToken;
  } else {
    bucket_used_ = false;
  }
}

void RateWindow::count(std::int64_t now_us) {
  advance(now_us);
  ++counts_[static_cast<std::size_t>(newest_ % kBuckets)];
  ++sum_;
}

std::int64_t RateWindow::wait_us(const RateRule& rule, std::int64_t now_us) {
  if (rule.rate == 0 || rule.burst == 0) return -1;
  advance(now_us);
  std::int64_t wait = 0;
  std::uint32_t left = sum_;
  for (std::int64_t i = newest_ - kBuckets + 1; i <= newest_ && left >= rule.burst; ++i) {
    if (i < 0) continue;
    left -= counts_[static_cast<std::size_t>(i % kBuckets)];
    // Counter i is out of the window as soon as the newest one is i + 51.
    wait = (i + kBuckets) * kBucket_us - now_us;
  }
  if (rule.burst != rule.rate) {
    refill(rule, now_us);
    if (tokens_ < kToken) {
      wait = std::max(wait, (kToken - tokens_ + rule.rate - 1) / rule.rate);
    }
  }
  return wait;
}

std::uint32_t RateWindow::recent(std::int64_t now_us, std::uint32_t buckets) {
  advance(now_us);
  std::uint32_t total = 0;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(buckets, kBuckets) && i <= newest_; ++i) {
    total += counts_[static_cast<std::size_t>((newest_ - i) % kBuckets)];
  }
  return total;
}

}  // namespace sallyport::limit
