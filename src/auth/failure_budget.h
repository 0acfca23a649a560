// How often the user's door may refuse one (key, source network): a rate and a burst, kept in a
// sketch of fixed size, so that a million sources cost no memory and none is ever forgotten to
// zero; a collision can only make it stricter. Shared by all workers without a lock: asking only
// reads, refusals write. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/id.h"
#include "base/random.h"

namespace sallyport::auth {

class FailureBudget {
 public:
  struct Options {
    std::uint32_t per_second = 5;  // 0: no budget, everything is allowed
    std::uint32_t burst = 20;
  };
  // The places are keyed with randomness: nobody can aim at another's.
  FailureBudget(const Options& options, const Clock& clock, Random& random);

  bool spent(KeyId key, std::uint64_t source) const;
  // Charges one refusal, or a check that may end in one. False, and nothing charged: it is spent.
  bool charge(KeyId key, std::uint64_t source);
  // Gives back the charge of a check that ended well.
  void refund(KeyId key, std::uint64_t source);
  // Whole seconds, at least 1, after which one more refusal fits.
  std::int64_t retry_after_s(KeyId key, std::uint64_t source) const;

 private:
  static constexpr std::size_t kRows = 2;
  static constexpr std::size_t kColumns = 32768;  // 512 KiB in all
  using Cell = std::atomic<std::int64_t>;         // when the bucket is full again, monotonic us

  Cell& cell(std::size_t row, KeyId key, std::uint64_t source) const;
  std::int64_t wait_us(KeyId key, std::uint64_t source) const;  // 0 or less: one fits now

  const Clock& clock_;
  std::int64_t step_us_;       // what one refusal costs
  std::int64_t tolerance_us_;  // how far ahead of now a cell may be
  std::uint64_t seeds_[kRows];
  std::unique_ptr<Cell[]> cells_;
};

}  // namespace sallyport::auth
