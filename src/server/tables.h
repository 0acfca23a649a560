// What workers read about entities, in one place: loaded from the store, changed by the control
// thread record by record, in force for every reader when apply() returns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "access/policy.h"
#include "auth/directory.h"
#include "auth/entity_store.h"
#include "base/clock.h"
#include "base/entities.h"
#include "base/table.h"
#include "limit/thresholds.h"
#include "messaging/sender_directory.h"
#include "messaging/workspace_directory.h"
#include "server/loop_reclaimer.h"

namespace sallyport::server {

class Tables {
 public:
  // `apis` are the configured names, `operations` those of the engine.
  Tables(access::Catalog catalog, const Clock& clock, limit::QuotaStore& quotas,
         limit::Settings limits = {});

  // Keys and users go from the store into their tables one by one, the others are `few`.
  Result<void> load(const Entities& few, auth::EntityStore& keys_and_users,
                    limit::QuotaStore& quotas);
  void apply(const Change& change);
  // Names of a new configuration behind the known ones: access/policy.h.
  void extend(access::Catalog catalog);

  // Any worker. "UTC" for an account that is not known.
  std::string time_zone_of(AccountId account) const;
  // Control thread.
  const std::vector<Account>& accounts() const { return accounts_; }

  // First: what the others retire is freed by it until the end.
  LoopReclaimer reclaimer;
  auth::Directory directory;
  access::Policy policy;
  limit::Thresholds thresholds;
  messaging::WorkspaceTable workspaces;
  messaging::SenderTable senders;

 private:
  struct Zone {
    AccountId account;
    std::string name;
    std::uint64_t hash() const { return std::hash<AccountId>{}(account); }
  };
  void put(const Account& account);

  Table<Zone> zones_;
  std::vector<Account> accounts_;  // the control thread's
};

}  // namespace sallyport::server
