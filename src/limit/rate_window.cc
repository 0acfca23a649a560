#include "limit/rate_window.h"

#include <algorithm>
#include <utility>

namespace sallyport::limit {
namespace {

constexpr std::uint32_t kMicrosecondsPerBucket = 20'000;  // of a window of one second
constexpr std::size_t kSpares = 16;  // one decision may need as many: its cells' windows

struct Spares {
  std::array<std::unique_ptr<RateWindow::Block>, kSpares> blocks;
  std::size_t count = 0;
};
Spares& spares() {
  thread_local Spares kept;
  return kept;
}

}  // namespace

void RateWindow::prepare() {
  Spares& kept = spares();
  while (kept.count < kSpares) kept.blocks[kept.count++] = std::make_unique<Block>();
}

template <class Visit>
void RateWindow::for_each(Visit&& visit) const {
  if (!block_) {
    for (std::uint32_t i = 0; i < kept_; ++i) {
      visit(newest_ - counters_[i].bucket, counters_[i].count);
    }
    return;
  }
  for (std::uint32_t age = std::min(kBuckets - 1, newest_) + 1; age-- > 0;) {
    const std::uint32_t count = (*block_)[(newest_ - age) % kBuckets];
    if (count != 0) visit(age, count);
  }
}

// A rule of another length than before: what was counted counts as if it were of now, which can
// refuse for a while and never admit too many.
void RateWindow::use(std::uint32_t seconds, std::int64_t now_us) {
  const std::uint32_t width = seconds * kMicrosecondsPerBucket;
  if (width == bucket_us_) return;
  bucket_us_ = width;
  const std::uint32_t sum = std::exchange(sum_, 0U);
  if (block_) block_->fill(0);
  kept_ = 0;
  newest_ = static_cast<std::uint32_t>(now_us / bucket_us_);
  bucket_used_ = false;
  if (sum != 0) add(sum);
}

void RateWindow::advance(std::int64_t now_us) {
  const auto index = static_cast<std::uint32_t>(now_us / bucket_us_);
  if (sum_ == 0) {
    kept_ = 0;
    newest_ = index;
    return;
  }
  const std::uint32_t steps = index - newest_;
  if (steps == 0 || steps > 0x8000'0000U) return;  // the same counter, or a moment before it
  // The counter of a block is found by its index modulo 51, so its order ends where 2^32 does:
  // 2.7 years after the machine's start, counters of 20 ms begin anew.
  const bool wraps = index < newest_;
  if (steps >= kBuckets || (block_ && wraps)) {
    if (block_) block_->fill(0);
    kept_ = 0;
    sum_ = 0;
  } else if (block_) {
    for (std::uint32_t i = newest_ + 1; i != index + 1; ++i) {
      std::uint32_t& count = (*block_)[i % kBuckets];
      sum_ -= count;
      count = 0;
    }
  } else {
    std::uint32_t gone = 0;
    while (gone < kept_ && index - counters_[gone].bucket >= kBuckets) {
      sum_ -= counters_[gone++].count;
    }
    std::copy(counters_.begin() + gone, counters_.begin() + kept_, counters_.begin());
    kept_ = static_cast<std::uint8_t>(kept_ - gone);
  }
  newest_ = index;
}

void RateWindow::spill() {
  Spares& kept = spares();
  block_ = kept.count != 0 ? std::move(kept.blocks[--kept.count]) : std::make_unique<Block>();
  block_->fill(0);
  for (std::uint32_t i = 0; i < kept_; ++i) {
    (*block_)[counters_[i].bucket % kBuckets] = counters_[i].count;
  }
  kept_ = 0;
}

void RateWindow::add(std::uint32_t cost) {
  sum_ += cost;
  if (!block_ && kept_ != 0 && counters_[kept_ - 1U].bucket == newest_) {
    counters_[kept_ - 1U].count += cost;
    return;
  }
  if (!block_ && kept_ < kInPlace) {
    counters_[kept_++] = {newest_, cost};
    return;
  }
  if (!block_) spill();
  (*block_)[newest_ % kBuckets] += cost;
}

// With burst == rate the window alone keeps (b): at most `rate` in each window makes at most
// rate * (T + 1) in T. Above, the bucket does; refilled over 1.02 windows it holds more than
// `rate`, so that it never breaks (c).
void RateWindow::refill(const RateRule& rule, std::int64_t now_us) {
  const std::int64_t capacity = rule.burst * kToken;
  if (!bucket_used_) {
    bucket_used_ = true;
    tokens_ = capacity;
  } else {
    // At most 2^32 us, so that no rate makes the product overflow; (c) needs 1.02 windows of it.
    const auto elapsed = std::clamp<std::int64_t>(now_us - refilled_us_, 0, 1LL << 32);
    tokens_ = std::min(capacity, tokens_ + elapsed * rule.rate / rule.seconds);
  }
  refilled_us_ = std::max(refilled_us_, now_us);
}

bool RateWindow::admits(const RateRule& rule, std::int64_t now_us, std::uint32_t cost) {
  if (rule.rate == 0) return false;
  if (cost == 0) return true;
  use(rule.seconds, now_us);
  advance(now_us);
  const std::uint32_t asked = std::min(cost, rule.burst);
  if (sum_ > rule.burst - asked) return false;
  if (rule.burst == rule.rate) return true;
  refill(rule, now_us);
  return tokens_ >= asked * kToken;
}

void RateWindow::take(const RateRule& rule, std::int64_t now_us, std::uint32_t cost) {
  if (cost == 0) return;
  count(now_us, cost, rule.seconds);
  if (rule.burst != rule.rate) {
    refill(rule, now_us);
    tokens_ -= std::min(cost, rule.burst) * kToken;
    const std::int64_t lacking = rule.burst * kToken - tokens_;
    full_us_ = now_us + (lacking + rule.rate - 1) / rule.rate * rule.seconds;
  } else {
    bucket_used_ = false;
  }
}

void RateWindow::count(std::int64_t now_us, std::uint32_t cost, std::uint32_t seconds) {
  if (cost == 0) return;
  use(seconds, now_us);
  advance(now_us);
  add(cost);
}

std::int64_t RateWindow::wait_us(const RateRule& rule, std::int64_t now_us, std::uint32_t cost) {
  if (rule.rate == 0 || rule.burst == 0) return -1;
  if (cost == 0) return 0;
  use(rule.seconds, now_us);
  advance(now_us);
  const std::uint32_t asked = std::min(cost, rule.burst);
  std::int64_t wait = 0;
  std::uint32_t left = sum_;
  for_each([&](std::uint32_t age, std::uint32_t count) {
    if (left <= rule.burst - asked) return;
    left -= count;
    // A counter is out of the window as soon as the newest one is 51 after it.
    const std::int64_t newest_begin = now_us - now_us % bucket_us_;
    wait = newest_begin + static_cast<std::int64_t>(kBuckets - age) * bucket_us_ - now_us;
  });
  if (rule.burst != rule.rate) {
    refill(rule, now_us);
    const std::int64_t lacking = asked * kToken - tokens_;
    if (lacking > 0) {
      wait = std::max(wait, (lacking * rule.seconds + rule.rate - 1) / rule.rate);
    }
  }
  return wait;
}

std::uint32_t RateWindow::recent(std::int64_t now_us, std::uint32_t buckets) {
  advance(now_us);
  std::uint32_t total = 0;
  for_each([&](std::uint32_t age, std::uint32_t count) {
    if (age < buckets) total += count;
  });
  return total;
}

bool RateWindow::forgettable(std::int64_t now_us) {
  advance(now_us);
  return sum_ == 0 && (!bucket_used_ || now_us >= full_us_);
}

std::unique_ptr<RateWindow::Block> RateWindow::release_block(std::int64_t now_us) {
  if (!block_) return nullptr;
  advance(now_us);
  if (sum_ != 0) return nullptr;
  kept_ = 0;
  return std::move(block_);
}

}  // namespace sallyport::limit
