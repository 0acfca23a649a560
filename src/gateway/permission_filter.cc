#include "gateway/permission_filter.h"

#include "gateway/request_context.h"

namespace sallyport::gateway {

Answer PermissionFilter::on_request(RequestContext& context) const {
  if (context.match.route->about_caller()) return Continue{};  // whoever it is may do that
  const access::Question question = context.question();
  const access::Decision decision =
      policy_.decide(context.account, context.user->roles(), context.workspace, question);
  if (!decision.allowed) return Refusal{Reason::NoPermission};
  // Under a grant the user's rights hold within its ceiling.
  if (context.grant != nullptr && !context.grant->ceiling.empty() &&
      !policy_.decide(context.account, context.grant->ceiling, context.workspace, question)
           .allowed) {
    return Refusal{Reason::NoPermission};
  }
  return Continue{};
}

}  // namespace sallyport::gateway
