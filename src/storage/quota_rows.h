// Quota marks and the durable high-water time. A mark of a subscription that is gone is dropped
// without an error: nobody can spend it. Writes on the writer's thread, reads on any.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "limit/quota_store.h"
#include "storage/database.h"

namespace sallyport::storage {

Result<std::vector<limit::QuotaMark>> load_marks(Database& database);
// A later period replaces what was there; within one period the later epoch wins, then the higher
// mark.
Result<void> raise_mark(Database& database, const limit::QuotaMark& mark);
// The percentages of a quota that the mark is the first to tell become events.
// An operator's reset or grant.
Result<void> change_mark(Database& database, const QuotaChange& change);
Result<void> settle_mark(Database& database, const limit::QuotaMark& mark);  // whatever it was

Result<std::int64_t> load_high_water(Database& database);
Result<void> raise_high_water(Database& database, std::int64_t time_us);  // never lowers it

}  // namespace sallyport::storage
