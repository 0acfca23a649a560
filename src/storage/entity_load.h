// Reads all entities, each kind in the order of its ids. Any thread with a connection. A row whose
// words this binary does not know is an error that names it: a guess could open a door.
#pragma once

#include <optional>

#include "base/entities.h"
#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

// Inside one read transaction, so that all of it is of one moment.
Result<Entities> load_entities(Database& database);

Result<std::optional<KeyId>> find_key(Database& database, const Digest& digest);
Result<std::optional<UserId>> find_user(Database& database, AccountId account,
                                        const std::string& folded);

}  // namespace sallyport::storage
