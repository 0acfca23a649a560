// Where the entities are kept, as auth and admin need it. Implemented by storage on SQLite, by
// tests in memory. Called on the control thread (sign_audit_head() on any one); every call is
// durable when it returns.
#pragma once

#include <cstdint>
#include <functional>
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
  std::int64_t heads = 0;      // signed heads that the rows were compared with
  std::string problem;         // in words, when not intact
};

class EntityStore {
 public:
  using KeyTaker = std::function<void(const ApiKey&)>;
  using UserTaker = std::function<void(const User&)>;

  virtual ~EntityStore() = default;
  virtual Result<Entities> load() = 0;
  // The same without keys and users: of those there may be millions.
  virtual Result<Entities> load_few() = 0;
  // One after the other, in no order that means anything; keys of this subscription, or of all.
  virtual Result<void> each_key(std::optional<SubscriptionId> of, const KeyTaker& take) = 0;
  virtual Result<void> each_user(const UserTaker& take) = 0;
  virtual Result<std::optional<ApiKey>> key(KeyId id) = 0;
  virtual Result<std::optional<User>> user(UserId id) = 0;
  // The key of this digest, whatever its state.
  virtual Result<std::optional<KeyId>> find_key(const Digest& digest) = 0;
  // The account's user of this folded name, whatever the state.
  virtual Result<std::optional<UserId>> find_user(AccountId account, const std::string& folded) = 0;
  // All rows, events and the audit row in one transaction, or nothing.
  virtual Result<void> apply(const Change& change) = 0;
  // When keys were used; nobody's act, so no audit row. A time never goes back.
  virtual Result<void> touch_keys(const std::vector<KeyUse>& uses) = 0;
  // Conflict: apply() would refuse it, because it brings back what has ended for good.
  virtual Result<void> check(const Change& change) = 0;
  // Newest first; `limit` rows at most.
  virtual Result<std::vector<AuditRow>> audit_rows(std::int64_t limit) = 0;
  // Against the heads that were signed, and `since`, one of them that was kept elsewhere, if given.
  // Invalid: `since` is none of ours.
  virtual Result<AuditVerdict> verify_audit(const std::string& since) = 0;
  // Signs where the audit log ends now, outside the store; the signed head, or "" when nothing was
  // added since the last one.
  virtual Result<std::string> sign_audit_head(std::int64_t now_us) = 0;
  // From a reading thread's tick: lets go of what reading holds, when nothing was read since.
  virtual void end_idle_reads() {}
};

}  // namespace sallyport::auth
