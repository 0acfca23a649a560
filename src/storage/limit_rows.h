// The limits that few entities have: windows, time zones, concurrency, shadows, an account's own.
// Part of load_entities() and write_entities().
#pragma once

#include "base/entities.h"
#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

Result<void> load_more_limits(Database& database, Entities& all);
// What was there is replaced; of an entity without such limits there is no row.
Result<void> put_more_limits(Database& database, const Account& account);
Result<void> put_more_limits(Database& database, const Plan& plan);
Result<void> put_more_limits(Database& database, const Subscription& subscription);
Result<void> put_more_limits(Database& database, const ApiKey& key);

}  // namespace sallyport::storage
