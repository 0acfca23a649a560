// The store's schema, as a sequence of numbered steps. Each step runs once, in a transaction of its
// own that also records it; the number of the last one stands in the file's user_version. A file
// from a newer binary is refused: what its schema means is unknown here. Called before anything
// else uses the file.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

// Says that a SQLite file is ours: "Saly" in ASCII.
inline constexpr std::int32_t kApplicationId = 0x53616C79;

struct Migration {
  std::int32_t number;
  const char* name;
  const char* script;
};

extern const char* const kMigration0001First;
extern const char* const kMigration0002Delivery;
extern const char* const kMigration0003FamiliarSources;
extern const char* const kMigration0004Limits;
extern const char* const kMigration0005RoleShadow;
extern const char* const kMigration0006Sms;
extern const char* const kMigration0007Receipts;

std::span<const Migration> migrations();  // ascending, without a gap, from 1
std::int32_t newest_schema();

// Refuses a file that is not ours or newer than `newest_schema()`; changes nothing.
Result<void> check_schema(Database& database);
// Brings a file that passed check_schema(), or an empty one, to the newest schema.
Result<void> migrate(Database& database);

}  // namespace sallyport::storage
