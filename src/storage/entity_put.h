// Writes entities: whole, by id. On the writer's thread, inside its transaction. A second object of
// the same name, digest or default is a Conflict that names the field; a reference to something
// that is not there is NotFound; removing what others still refer to is a Conflict.
#pragma once

#include <span>

#include "auth/key_uses.h"
#include "base/entities.h"
#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

// First what is put, in the order of references (an account before its applications), then what is
// removed, in the opposite order, then the events. Removing an application removes its
// subscriptions, keys and grants.
Result<void> write_entities(Database& database, const Change& change);

// Right to a minute. A key that is gone is passed over.
Result<void> touch_keys(Database& database, std::span<const auth::KeyUse> uses);

}  // namespace sallyport::storage
