#include "server/tables.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <variant>

namespace sallyport::server {

Tables::Tables(access::Catalog catalog, const Clock& clock, limit::QuotaStore& quotas,
               limit::Settings limits)
    : directory(reclaimer),
      policy(std::move(catalog), reclaimer),
      thresholds(clock, quotas, reclaimer, std::move(limits)),
      workspaces(reclaimer),
      senders(reclaimer),
      zones_(reclaimer) {}

Result<void> Tables::load(const Entities& few, auth::EntityStore& keys_and_users,
                          limit::QuotaStore& quotas) {
  const auto marks = quotas.load_quota_marks();
  if (!marks) return std::unexpected(marks.error());
  directory.load(few);
  policy.load(few);
  thresholds.load(*marks);
  thresholds.load(few);
  // Keys and users share nothing while they are loaded, and there may be a million of each.
  Result<void> users;
  std::thread other([&] {
    users = keys_and_users.each_user([this](const User& user) { directory.load(user); });
  });
  const auto keys = keys_and_users.each_key(std::nullopt, [this](const ApiKey& key) {
    directory.load(key);
    thresholds.load(key);
  });
  other.join();
  if (!keys) return keys;
  if (!users) return users;
  directory.loaded();
  for (const std::string& api : policy.catalog().apis()) thresholds.add_api(api);
  workspaces.load(few.workspaces);
  senders.load(few);
  for (const Account& account : few.accounts) put(account);
  return {};
}

void Tables::apply(const Change& change) {
  // What a key needs is there before the key is: a request meets it complete.
  thresholds.apply(change);
  policy.apply(change);
  workspaces.apply(change);
  senders.apply(change);
  directory.apply(change);
  for (const Entity& entity : change.put) {
    if (const auto* account = std::get_if<Account>(&entity)) put(*account);
  }
}

void Tables::extend(access::Catalog catalog) {
  if (catalog.apis().size() == policy.catalog().apis().size() &&
      catalog.operations().size() == policy.catalog().operations().size()) {
    return;
  }
  for (const std::string& api : catalog.apis()) thresholds.add_api(api);
  policy.extend(std::move(catalog));
}

void Tables::put(const Account& account) {
  const auto present = std::ranges::find(accounts_, account.id, &Account::id);
  if (present == accounts_.end()) {
    accounts_.push_back(account);
  } else {
    *present = account;
  }
  zones_.put(std::make_unique<const Zone>(account.id, account.time_zone),
             [&account](const Zone& zone) { return zone.account == account.id; });
}

std::string Tables::time_zone_of(AccountId account) const {
  const Zone* zone = zones_.find(std::hash<AccountId>{}(account), [account](const Zone& candidate) {
    return candidate.account == account;
  });
  return zone == nullptr ? "UTC" : zone->name;
}

}  // namespace sallyport::server
