// The application's door: finds the key in header or query, follows its chain, and asks whether the
// plan opens what is wanted; then says which thresholds hold. Immutable, any worker.
#pragma once

#include "access/policy.h"
#include "auth/directory.h"
#include "base/clock.h"
#include "gateway/filter.h"
#include "limit/thresholds.h"

namespace sallyport::gateway {

class ApplicationFilter final : public Filter {
 public:
  ApplicationFilter(const auth::Directory& directory, const access::Policy& policy,
                    const limit::Thresholds& thresholds, const Clock& clock)
      : directory_(directory), policy_(policy), thresholds_(thresholds), clock_(clock) {}

  std::string_view name() const override { return "application"; }
  Answer on_request(RequestContext& context) const override;

  // Reads key_text and key_in_query off the request: Ok, KeyMissing or KeyAmbiguous.
  static Reason find_key(RequestContext& context);
  // With context.key given: is all well with it, does the plan open this, which rules hold.
  Answer admit(RequestContext& context) const;

 private:
  const auth::Directory& directory_;
  const access::Policy& policy_;
  const limit::Thresholds& thresholds_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
