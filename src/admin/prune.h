// What `apply --prune` takes away: what the document does not name, of each kind that it has a
// section for. Only what nothing else needs is deleted; what others refer to ends instead: keys are
// revoked, users deleted (their names are not used again), subscriptions ended, accounts suspended,
// workspaces disabled, plans with subscriptions inactive. Control thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>

#include "admin/apply_plan.h"
#include "admin/run.h"

namespace sallyport::admin {

// By section, the ids that the document names; a section that it does not have is not here.
using NamedEntities = std::map<std::string_view, std::set<std::uint64_t>>;

void plan_prune(const Run& run, const NamedEntities& named, ApplyPlan& plan);

}  // namespace sallyport::admin
