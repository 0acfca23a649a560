// The limits that few entities have: windows, time zones, concurrency, shadows, an account's own.
// Part of what reads and writes entities.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/entities.h"
#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

Result<void> load_more_limits(Database& database, Entities& all);  // of all but keys
Result<void> load_more_limits(Database& database, ApiKey& key);
// Of the few keys that have any, by the key's id.
Result<std::unordered_map<std::uint64_t, Limits>> more_key_limits(Database& database);
void add_more_limits(Limits& own, const Limits& more);
// What was there is replaced; of an entity without such limits there is no row.
Result<void> put_more_limits(Database& database, const Account& account);
Result<void> put_more_limits(Database& database, const Plan& plan);
Result<void> put_more_limits(Database& database, const Subscription& subscription);
Result<void> put_more_limits(Database& database, const ApiKey& key);

}  // namespace sallyport::storage
