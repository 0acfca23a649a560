#include "gateway/permission_filter.h"

#include "gateway/request_context.h"

namespace sallyport::gateway {

Answer PermissionFilter::on_request(RequestContext& context) const {
  if (context.match.route->about_caller()) return Continue{};  // whoever it is may do that
  const access::Question question = context.question();
  const access::Decision decision =
      policy_.decide(context.account, context.user->roles(), context.workspace, question);
  if (decision.shadowed) ask_shadow(context, decision.allowed);
  if (!decision.allowed) return Refusal{Reason::NoPermission};
  // Under a grant the user's rights hold within its ceiling.
  if (context.grant != nullptr && !context.grant->ceiling.empty() &&
      !policy_.decide(context.account, context.grant->ceiling, context.workspace, question)
           .allowed) {
    return Refusal{Reason::NoPermission};
  }
  return Continue{};
}

void PermissionFilter::ask_shadow(RequestContext& context, bool allowed) const {
  using telemetry::Shadow;
  const auto candidate =
      policy_.decide_shadow(context.account, context.user->roles(), context.workspace,
                            context.question(), clock_.unix_us());
  if (!candidate) return;
  context.role_shadow.verdict = candidate->allowed == allowed ? Shadow::Same
                                : candidate->allowed          ? Shadow::WouldAllow
                                                              : Shadow::WouldDeny;
  context.role_shadow.role = candidate->role;
}

}  // namespace sallyport::gateway
