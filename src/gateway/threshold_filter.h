// The thresholds, twice: peeked before the user's door, so that a spent key costs no password work,
// and taken after the permission, so that a refused request is charged to nobody. Any worker.
#pragma once

#include "base/clock.h"
#include "gateway/filter.h"
#include "limit/thresholds.h"

namespace sallyport::gateway {

class ThresholdPeekFilter final : public Filter {
 public:
  explicit ThresholdPeekFilter(limit::Thresholds& thresholds) : thresholds_(thresholds) {}
  std::string_view name() const override { return "thresholds"; }
  Answer on_request(RequestContext& context) const override;

 private:
  limit::Thresholds& thresholds_;
};

class ThresholdTakeFilter final : public Filter {
 public:
  ThresholdTakeFilter(limit::Thresholds& thresholds, const Clock& clock)
      : thresholds_(thresholds), clock_(clock) {}
  std::string_view name() const override { return "thresholds_taken"; }
  Answer on_request(RequestContext& context) const override;

 private:
  limit::Thresholds& thresholds_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
