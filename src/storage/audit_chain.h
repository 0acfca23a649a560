// The audit log: rows numbered from 1, each with an HMAC over its predecessor's MAC and itself, and
// a signed head (number and MAC of the last row) so that rows cut off at the end are missed too. It
// shows a change by whoever can write the store but does not have the key. Rows are added in the
// transaction of the change they tell about. append_audit() on the writer's thread, the rest on
// any.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "auth/entity_store.h"
#include "base/result.h"
#include "base/secret.h"
#include "storage/audit_heads.h"
#include "storage/database.h"

namespace sallyport::storage {

// In a new store: signs the head of an empty chain. Without one, every append is refused.
Result<void> begin_audit(Database& database, const Secret& key);

// Refuses to go on from a head that does not verify: a new signature would cover up what was done.
Result<void> append_audit(Database& database, const Secret& key, const AuditEntry& entry);

Result<std::vector<auth::AuditRow>> read_audit(Database& database, std::int64_t limit);
// The last row as the signed head in the store names it; Unavailable when that does not verify.
Result<SignedHead> audit_head(Database& database, const Secret& key);
// `expected`: heads that were signed and kept outside; each must still be a row, with that MAC.
Result<auth::AuditVerdict> verify_audit_chain(
    Database& database, const Secret& key, const std::map<std::int64_t, SignedHead>& expected = {});

}  // namespace sallyport::storage
