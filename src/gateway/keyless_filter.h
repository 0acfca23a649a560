// Stands in the place of the application's door where a route asks for no key: nobody is looked up,
// no plan is asked, and of the thresholds only the API's own total holds. Any worker.
#pragma once

#include "gateway/filter.h"
#include "limit/thresholds.h"

namespace sallyport::gateway {

class KeylessFilter final : public Filter {
 public:
  explicit KeylessFilter(const limit::Thresholds& thresholds) : thresholds_(thresholds) {}
  std::string_view name() const override { return "keyless"; }
  Answer on_request(RequestContext& context) const override;

 private:
  const limit::Thresholds& thresholds_;
};

}  // namespace sallyport::gateway
