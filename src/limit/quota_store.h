// Where quota marks survive. A mark is raised durably before what it covers is admitted, so that no
// number of kills lets a period admit more than its quota. Implemented by storage.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/entities.h"
#include "base/result.h"

namespace sallyport::limit {

// A percentage of a quota that has been reached, to be told once per period.
struct QuotaTold {
  std::uint8_t percent = 0;
  std::uint64_t used = 0;
  std::uint64_t quota = 0;
  std::int64_t time_us = 0;  // wall clock
};

struct QuotaMark {
  SubscriptionId subscription;
  std::string scope;  // "" = the subscription's own; "api/operation" of a plan's own; "key:ID"
  std::int64_t period_start_us = 0;
  QuotaPeriod period = QuotaPeriod::Day;
  std::uint64_t mark = 0;  // admitted at most, since period_start
  std::int64_t period_end_us = 0;
  ZoneId zone;
  std::uint8_t anchor = 1;
  std::uint64_t granted = 0;  // on top of the quota, until the period ends
  std::uint32_t epoch = 0;    // an earlier one says nothing any more
  std::uint8_t told = 0;      // how many percentages were told as events
  // To be written as events in the same transaction, unless it has told them already.
  std::vector<QuotaTold> events = {};
};

class QuotaStore {
 public:
  virtual ~QuotaStore() = default;
  // The newest mark of every (subscription, scope). Control thread, at start.
  virtual Result<std::vector<QuotaMark>> load_quota_marks() = 0;
  // Any thread. `done` is called on the store's thread, once the mark is durable or could not be.
  virtual void raise_quota_mark(QuotaMark mark,
                                std::move_only_function<void(Result<void>)> done) = 0;
  // At shutdown, with what was really used: the marks may go down. Blocks until durable.
  virtual Result<void> settle_quota_marks(const std::vector<QuotaMark>& marks) = 0;
};

}  // namespace sallyport::limit
