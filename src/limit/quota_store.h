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

struct QuotaMark {
  SubscriptionId subscription;
  std::string scope;  // "" = the subscription's own; else "api/operation" of a plan's own
  std::int64_t period_start_us = 0;
  QuotaPeriod period = QuotaPeriod::Day;
  std::uint64_t mark = 0;  // admitted at most, since period_start
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
