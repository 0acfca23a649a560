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
  Result<Entities> load_few() override;
  Result<void> each_key(std::optional<SubscriptionId> of,
                        const std::function<void(const ApiKey&)>& take) override;
  Result<void> each_user(const std::function<void(const User&)>& take) override;
  Result<std::optional<ApiKey>> key(KeyId id) override;
  Result<std::optional<User>> user(UserId id) override;
  Result<std::optional<KeyId>> find_key(const Digest& digest) override;
  Result<std::optional<UserId>> find_user(AccountId account, const std::string& folded) override;
  Result<void> apply(const Change& change) override;
  Result<void> touch_keys(const std::vector<auth::KeyUse>& uses) override;
  Result<void> check(const Change&) override { return {}; }
  Result<std::vector<auth::AuditRow>> audit_rows(std::int64_t limit) override;
  Result<auth::AuditVerdict> verify_audit(const std::string& since) override;
  Result<std::string> sign_audit_head(std::int64_t now_us) override;

  bool away = false;    // refuses to write
  bool unread = false;  // refuses to read keys and users
  bool broken = false;  // the audit chain does not verify
  std::vector<Change> changes;
  std::vector<auth::KeyUse> uses;

 private:
  template <class T>
  Result<std::optional<T>> one(std::uint64_t id) const;
  template <class T, class Take>
  Result<void> each(Take take) const;

  // By the variant's index and the id.
  std::map<std::pair<std::size_t, std::uint64_t>, Entity> entities_;
};

}  // namespace sallyport::test
