// Which thresholds hold for a request, in the order in which they refuse: the service, the account,
// the opening, the subscription, the key; then the user and the source network, who are known only
// once the request is to be let in; last what only counts, in shadow. On the request's worker.
#pragma once

#include "base/entities.h"
#include "limit/thresholds.h"

namespace sallyport::gateway {

struct RequestContext;

// What the key's chain leads to, and what the request costs. False when a limit has no cell: it
// cannot be kept.
bool collect_rules(RequestContext& context, const limit::Thresholds& thresholds,
                   const PlanOpening* own);
// The user's and the source network's, to be taken with the others.
void add_personal_rules(RequestContext& context, const limit::Thresholds& thresholds);

}  // namespace sallyport::gateway
