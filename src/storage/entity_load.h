// Reads entities, each kind in the order of its ids. Any thread with a connection. A row whose
// words this binary does not know is an error that names it: a guess could open a door.
#pragma once

#include <functional>
#include <optional>

#include "base/entities.h"
#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

// Inside one read transaction, so that all of it is of one moment.
Result<Entities> load_entities(Database& database);
Result<Entities> load_few(Database& database);  // all but keys and users
Result<void> each_key(Database& database, std::optional<SubscriptionId> of,
                      const std::function<void(const ApiKey&)>& take);
Result<void> each_user(Database& database, const std::function<void(const User&)>& take);
Result<std::optional<ApiKey>> load_key(Database& database, KeyId id);
Result<std::optional<User>> load_user(Database& database, UserId id);

Result<std::optional<KeyId>> find_key(Database& database, const Digest& digest);
Result<std::optional<UserId>> find_user(Database& database, AccountId account,
                                        const std::string& folded);

}  // namespace sallyport::storage
