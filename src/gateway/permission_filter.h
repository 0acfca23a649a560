// May this user do this: the roles, for the workspace of the request. Any worker.
#pragma once

#include "access/policy.h"
#include "gateway/filter.h"

namespace sallyport::gateway {

class PermissionFilter final : public Filter {
 public:
  explicit PermissionFilter(const access::Policy& policy) : policy_(policy) {}
  std::string_view name() const override { return "permission"; }
  Answer on_request(RequestContext& context) const override;

 private:
  const access::Policy& policy_;
};

}  // namespace sallyport::gateway
