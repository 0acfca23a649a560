#include "server/tables.h"

#include <utility>
#include <variant>

namespace sallyport::server {

Tables::Tables(access::Catalog catalog, const Clock& clock, limit::QuotaStore& quotas)
    : directory(reclaimer),
      policy(std::move(catalog), reclaimer),
      thresholds(clock, quotas, reclaimer),
      workspaces(reclaimer),
      zones_(std::make_shared<const Zones>()) {}

Result<void> Tables::load(const Entities& entities, limit::QuotaStore& quotas) {
  const auto marks = quotas.load_quota_marks();
  if (!marks) return std::unexpected(marks.error());
  directory.load(entities);
  policy.load(entities);
  thresholds.load(*marks);
  thresholds.load(entities);
  for (const std::string& api : policy.catalog().apis()) thresholds.add_api(api);
  workspaces.load(entities.workspaces);
  auto zones = std::make_shared<Zones>();
  for (const Account& account : entities.accounts) zones->emplace(account.id, account.time_zone);
  zones_.store(std::move(zones));
  return {};
}

void Tables::apply(const Change& change) {
  // What a key needs is there before the key is: a request meets it complete.
  thresholds.apply(change);
  policy.apply(change);
  workspaces.apply(change);
  directory.apply(change);
  for (const Entity& entity : change.put) {
    if (const auto* account = std::get_if<Account>(&entity)) {
      auto zones = std::make_shared<Zones>(*zones_.load());
      zones->insert_or_assign(account->id, account->time_zone);
      zones_.store(std::move(zones));
    }
  }
}

std::string Tables::time_zone_of(AccountId account) const {
  const auto zones = zones_.load();
  const auto found = zones->find(account);
  return found == zones->end() ? "UTC" : found->second;
}

}  // namespace sallyport::server
