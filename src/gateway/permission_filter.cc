#include "gateway/permission_filter.h"

#include "gateway/request_context.h"

namespace sallyport::gateway {

Answer PermissionFilter::on_request(RequestContext& context) const {
  const access::Decision decision =
      policy_.decide(context.account, context.user->roles(), context.workspace, context.question());
  if (!decision.allowed) return Refusal{Reason::NoPermission};
  return Continue{};
}

}  // namespace sallyport::gateway
