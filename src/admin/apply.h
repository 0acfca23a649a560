// From a document of entities to one change: what is new, what differs, and, when asked, what is to
// go because the document does not name it. Every problem is found, with its place, before anything
// is changed; what ended for good stays ended. Control thread; reads the model, writes nothing.
#pragma once

#include <string_view>

#include "admin/apply_plan.h"
#include "admin/run.h"

namespace sallyport::admin {

ApplyPlan plan_apply(const Run& run, std::string_view document, bool prune);

}  // namespace sallyport::admin
