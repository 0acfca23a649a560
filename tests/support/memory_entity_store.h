// An entity store in memory, for tests of what uses one: keeps what is applied, notes every change,
// and can be told to be away. One thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "auth/entity_store.h"

namespace sallyport::test {

class MemoryEntityStore final : public auth::EntityStore {
 public:
  Result<Entities> load() override;
  Result<std::optional<KeyId>> find_key(const Digest& digest) override;
  Result<std::optional<UserId>> find_user(AccountId account, const std::string& folded) override;
  Result<void> apply(const Change& change) override;
  Result<void> touch_keys(const std::vector<auth::KeyUse>& uses) override;
  Result<void> check(const Change&) override { return {}; }
  Result<std::vector<auth::AuditRow>> audit_rows(std::int64_t limit) override;
  Result<auth::AuditVerdict> verify_audit(const std::string& since) override;
  Result<std::string> sign_audit_head(std::int64_t now_us) override;

  bool away = false;    // refuses to write
  bool broken = false;  // the audit chain does not verify
  std::vector<Change> changes;
  std::vector<auth::KeyUse> uses;

 private:
  // By the variant's index and the id.
  std::map<std::pair<std::size_t, std::uint64_t>, Entity> entities_;
};

}  // namespace sallyport::test
