// May this user do this: the roles, for the workspace of the request. A candidate beside a role
// (`role shadow`) is asked too, and what it says goes into the context and nowhere else. Any
// worker.
#pragma once

#include "access/policy.h"
#include "base/clock.h"
#include "gateway/filter.h"

namespace sallyport::gateway {

class PermissionFilter final : public Filter {
 public:
  PermissionFilter(const access::Policy& policy, const Clock& clock)
      : policy_(policy), clock_(clock) {}
  std::string_view name() const override { return "permission"; }
  Answer on_request(RequestContext& context) const override;

 private:
  void ask_shadow(RequestContext& context, bool allowed) const;

  const access::Policy& policy_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
