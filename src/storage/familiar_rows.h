// Where users have succeeded from, and when they last did. Users that are gone are passed over.
// Writes on the writer's thread, reads on any.
#pragma once

#include <cstdint>
#include <vector>

#include "auth/familiar_sources.h"
#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

Result<std::vector<auth::SourceSeen>> load_sources(Database& database, std::int64_t since_us);
// Also raises the users' last login, and forgets what was seen before `forget_before_us`.
Result<void> save_sources(Database& database, const std::vector<auth::SourceSeen>& rows,
                          std::int64_t forget_before_us);

}  // namespace sallyport::storage
