// The usage table: counts by subscription, hour, API, operation, class and reason. Writes on the
// writer's thread, reads on any.
#pragma once

#include <vector>

#include "base/result.h"
#include "limit/usage.h"
#include "storage/database.h"

namespace sallyport::storage {

// Adds to what is there; rows of a subscription that is gone are dropped without an error.
Result<void> add_usage(Database& database, const std::vector<limit::UsageRow>& rows);
Result<std::vector<limit::UsageRow>> read_usage(Database& database, const limit::UsageQuery& query);

}  // namespace sallyport::storage
