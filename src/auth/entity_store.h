// Where the entities are kept, as auth and admin need it. Implemented by storage on SQLite, by
// tests in memory. Called on the control thread; every call is durable when it returns.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/key_uses.h"
#include "base/entities.h"
#include "base/result.h"

namespace sallyport::auth {

struct AuditRow {
  std::int64_t sequence = 0;
  AuditEntry entry;
  std::string mac_hex;  // HMAC over the previous row's MAC and this row
};

struct AuditVerdict {
  bool intact = false;
  std::int64_t rows = 0;
  std::int64_t first_bad = 0;  // sequence, 0 when intact
  std::string head_hex;        // MAC of the last row
};

class EntityStore {
 public:
  virtual ~EntityStore() = default;
  virtual Result<Entities> load() = 0;
  // The key of this digest, whatever its state.
  virtual Result<std::optional<KeyId>> find_key(const Digest& digest) = 0;
  // The account's user of this folded name, whatever the state.
  virtual Result<std::optional<UserId>> find_user(AccountId account, const std::string& folded) = 0;
  // All rows, events and the audit row in one transaction, or nothing.
  virtual Result<void> apply(const Change& change) = 0;
  // When keys were used; nobody's act, so no audit row. A time never goes back.
  virtual Result<void> touch_keys(const std::vector<KeyUse>& uses) = 0;
  // Newest first; `limit` rows at most.
  virtual Result<std::vector<AuditRow>> audit_rows(std::int64_t limit) = 0;
  virtual Result<AuditVerdict> verify_audit() = 0;
};

}  // namespace sallyport::auth
