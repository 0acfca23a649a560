// An account and an application as the doors see them: places that stay for the directory's life,
// with what may change beneath a record that points to them. Owned by Directory, which writes them
// on the control thread; workers read them within one turn of their loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/entities.h"
#include "base/slab.h"

namespace sallyport::auth {

struct AccountSlot {
  explicit AccountSlot(AccountId account) : id(account) {}
  AccountId id;
  std::atomic<Status> status = Status::Suspended;  // until the account itself is known
  std::atomic<std::uint64_t> default_workspace = 0;
  std::atomic<std::uint16_t> zone = kUtc.value;  // of its calendar
  std::atomic<const Limits*> limits = nullptr;   // few have any
};

// An account that has granted an application to act for its users.
struct GrantedAccount {
  GrantId grant;
  std::int64_t created_us = 0;
  const AccountSlot* account = nullptr;
  std::vector<RoleAssignment> ceiling;  // account-wide; empty: the user's own roles alone
};
struct ApplicationExtras {  // what no request needs but one about itself or under a grant
  std::string name;
  std::vector<GrantedAccount> grants;  // active ones, the oldest first
};
struct ApplicationSlot : FromSlab<ApplicationSlot> {
  explicit ApplicationSlot(ApplicationId application) : id(application) {}
  ApplicationId id;
  std::atomic<Status> status = Status::Disabled;
  std::atomic<bool> has_grants = false;
  std::atomic<const AccountSlot*> account = nullptr;
  std::atomic<const ApplicationExtras*> extras = nullptr;
};

}  // namespace sallyport::auth
