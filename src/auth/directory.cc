#include "auth/directory.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/encoding.h"
#include "base/log.h"

namespace sallyport::auth {
namespace {

std::uint64_t hash_of(const Digest& digest) {
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

// "0123456789abcdef\\": the account that a name is meant in, before the name itself.
constexpr std::size_t kAccountPrefix = 17;
std::optional<AccountId> account_named(std::string_view folded) {
  if (folded.size() <= kAccountPrefix || folded[kAccountPrefix - 1] != '\\') return std::nullopt;
  std::string digits(folded.substr(0, kAccountPrefix - 1));
  for (char& c : digits) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return AccountId::parse(digits);
}

auto is_key(KeyId id) {
  return [id](const KeyRecord& record) { return record.id == id; };
}
auto is_user(UserId id) {
  return [id](const UserRecord& record) { return record.id() == id; };
}

}  // namespace

Directory::Directory(Reclaimer& reclaimer)
    : reclaimer_(reclaimer),
      keys_(reclaimer),
      users_(reclaimer),
      decoys_(reclaimer),
      keys_by_id_(reclaimer),
      users_by_id_(reclaimer) {}

Directory::~Directory() {
  for (auto& [id, place] : plans_) delete place->record.load(std::memory_order_relaxed);
  for (auto& [id, place] : accounts_) delete place->limits.load(std::memory_order_relaxed);
  for (auto& [id, place] : subscriptions_) delete place->record.load(std::memory_order_relaxed);
  for (auto& [id, place] : applications_) delete place->extras.load(std::memory_order_relaxed);
}

void Directory::load(const Entities& entities) {
  for (const auto& account : entities.accounts) put(account);
  for (const auto& workspace : entities.workspaces) put(workspace);
  for (const auto& application : entities.applications) put(application);
  for (const auto& plan : entities.plans) put(plan);
  for (const auto& subscription : entities.subscriptions) put(subscription);
  for (const auto& key : entities.keys) put(key);
  for (const auto& user : entities.users) put(user);
  for (const auto& grant : entities.grants) put(grant);
  loaded();
}

void Directory::apply(const Change& change) {
  for (const auto& entity : change.put) {
    std::visit([this](const auto& one) { put(one); }, entity);
  }
  for (const auto& entity : change.remove) {
    std::visit([this](const auto& one) { remove(one); }, entity);
  }
  decoys_.publish();
}

const KeyRecord* Directory::find_key(const Digest& digest) const {
  return keys_.find(hash_of(digest),
                    [&digest](const KeyRecord& record) { return record.digest == digest; });
}

const UserRecord* Directory::find_user(AccountId account, std::string_view folded) const {
  return users_.find(user_hash(account, folded), [account, folded](const UserRecord& record) {
    return record.account() == account && record.folded() == folded;
  });
}

OpenedUser Directory::find_user(const ApplicationSlot& application, std::string_view folded) const {
  const AccountSlot* own = application.account.load(std::memory_order_acquire);
  if (own == nullptr) return {};
  if (!application.has_grants.load(std::memory_order_acquire)) {
    return {find_user(own->id, folded), nullptr};
  }
  const ApplicationExtras* extras = application.extras.load(std::memory_order_acquire);
  const std::optional<AccountId> only = account_named(folded);
  if (only) folded.remove_prefix(kAccountPrefix);
  if (!only || *only == own->id) {
    if (const UserRecord* user = find_user(own->id, folded)) return {user, nullptr};
  }
  for (const GrantedAccount& granted : extras->grants) {
    if (only && *only != granted.account->id) continue;
    // Suspended: its users stop, here as well as behind its own keys.
    if (granted.account->status.load(std::memory_order_acquire) != Status::Active) continue;
    if (const UserRecord* user = find_user(granted.account->id, folded)) return {user, &granted};
  }
  return {};
}

OpenedUser Directory::find_user(const ApplicationSlot& application, UserId id) const {
  const UserRecord* user = find_user(id);
  const AccountSlot* own = application.account.load(std::memory_order_acquire);
  if (user == nullptr || own == nullptr) return {};
  if (user->account() == own->id) return {user, nullptr};
  if (!application.has_grants.load(std::memory_order_acquire)) return {};
  const ApplicationExtras* extras = application.extras.load(std::memory_order_acquire);
  for (const GrantedAccount& granted : extras->grants) {
    if (granted.account->id == user->account() &&
        granted.account->status.load(std::memory_order_acquire) == Status::Active) {
      return {user, &granted};
    }
  }
  return {};
}

std::string_view Directory::name_of(const ApplicationSlot& application) const {
  const ApplicationExtras* extras = application.extras.load(std::memory_order_acquire);
  return extras == nullptr ? std::string_view() : extras->name;
}

const KeyRecord* Directory::find_key(KeyId id) const {
  return keys_by_id_.find(std::hash<KeyId>{}(id), is_key(id));
}

const UserRecord* Directory::find_user(UserId id) const {
  return users_by_id_.find(std::hash<UserId>{}(id), is_user(id));
}

const PlanRecord* Directory::find_plan(PlanId id) const {
  const auto found = plans_.find(id);
  return found == plans_.end() ? nullptr : found->second->record.load(std::memory_order_acquire);
}

const AccountSlot* Directory::find_account(AccountId id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? nullptr : found->second.get();
}

Status Directory::account_status(AccountId id) const {
  const auto found = accounts_.find(id);
  return found == accounts_.end() ? Status::Suspended
                                  : found->second->status.load(std::memory_order_acquire);
}

AccountSlot& Directory::slot(AccountId id) {
  auto& place = accounts_[id];
  if (!place) place = std::make_unique<AccountSlot>(id);
  return *place;
}
ApplicationSlot& Directory::slot(ApplicationId id) {
  auto& place = applications_[id];
  if (!place) place = std::make_unique<ApplicationSlot>(id);
  return *place;
}
PlanSlot& Directory::slot(PlanId id) {
  auto& place = plans_[id];
  if (!place) place = std::make_unique<PlanSlot>();
  return *place;
}
SubscriptionSlot& Directory::slot(SubscriptionId id) {
  auto& place = subscriptions_[id];
  if (!place) place = std::make_unique<SubscriptionSlot>();
  return *place;
}

template <class Record>
void Directory::replace(std::atomic<const Record*>& place, std::unique_ptr<const Record> record) {
  const Record* old = place.exchange(record.release(), std::memory_order_acq_rel);
  if (old != nullptr) {
    reclaimer_.retire([old] { delete old; });
  }
}

void Directory::put(const Account& account) {
  AccountSlot& place = slot(account.id);
  place.zone.store(find_zone(account.time_zone).value_or(kUtc).value, std::memory_order_relaxed);
  std::unique_ptr<const Limits> limits;
  if (!account.limits.empty()) limits = std::make_unique<Limits>(account.limits);
  replace<Limits>(place.limits, std::move(limits));
  place.status.store(account.status, std::memory_order_release);
}

void Directory::put(const Application& application) {
  ApplicationSlot& place = slot(application.id);
  place.account.store(&slot(application.account), std::memory_order_release);
  change_extras(place, [&](ApplicationExtras& extras) { extras.name = application.name; });
  place.status.store(application.status, std::memory_order_release);
}

template <class Modify>
void Directory::change_extras(ApplicationSlot& place, Modify modify) {
  const ApplicationExtras* present = place.extras.load(std::memory_order_relaxed);
  auto changed = present == nullptr ? std::make_unique<ApplicationExtras>()
                                    : std::make_unique<ApplicationExtras>(*present);
  modify(*changed);
  const bool any = !changed->grants.empty();
  replace<ApplicationExtras>(place.extras, std::move(changed));
  place.has_grants.store(any, std::memory_order_release);
}

void Directory::put(const Grant& grant) {
  change_extras(slot(grant.application), [&](ApplicationExtras& extras) {
    std::erase_if(extras.grants, [&](const auto& one) { return one.grant == grant.id; });
    if (grant.status != Status::Active) return;
    GrantedAccount granted{grant.id, grant.created_us, &slot(grant.account), {}};
    for (const RoleId role : grant.role_ceiling) granted.ceiling.push_back({role, {}});
    extras.grants.push_back(std::move(granted));
    std::ranges::sort(extras.grants, {}, [](const GrantedAccount& one) {
      return std::pair(one.created_us, one.grant.value);
    });
  });
}

void Directory::remove(const Grant& grant) {
  Grant ended = grant;
  ended.status = Status::Revoked;
  put(ended);
}

void Directory::put(const Plan& plan) {
  auto record = std::make_unique<PlanRecord>();
  record->id = plan.id;
  record->status = plan.status;
  record->limits = plan.limits;
  if (!plan.shadow.empty()) record->shadow = std::make_unique<Limits>(plan.shadow);
  record->priority = plan.priority;
  record->name = plan.name;
  replace<PlanRecord>(slot(plan.id).record, std::move(record));
}

void Directory::put(const Subscription& subscription) {
  auto record = std::make_unique<SubscriptionRecord>();
  record->id = subscription.id;
  record->application = &slot(subscription.application);
  record->plan = &slot(subscription.plan);
  record->starts_us = subscription.starts_us;
  record->ends_us = subscription.ends_us;
  if (subscription.overrides != Limits{}) {
    record->overrides = std::make_unique<Limits>(subscription.overrides);
  }
  record->status = subscription.status;
  record->environment = subscription.environment;
  SubscriptionSlot& place = slot(subscription.id);
  place.application.store(record->application, std::memory_order_release);
  replace<SubscriptionRecord>(place.record, std::move(record));
}

void Directory::put(const ApiKey& key) {
  auto record = std::make_unique<KeyRecord>();
  record->digest = key.digest;
  record->id = key.id;
  record->subscription = &slot(key.subscription);
  record->status = key.status;
  record->environment = key.environment;
  if (key.not_before_us != 0 || key.expires_us != 0 || !key.allowed_networks.empty() ||
      key.limits != Limits{}) {
    record->extras = std::make_unique<KeyExtras>(
        KeyExtras{key.not_before_us, key.expires_us, key.allowed_networks, key.limits});
  }
  const KeyRecord* present = find_key(key.id);
  if (present != nullptr && present->digest != key.digest) remove(key);
  if (const KeyRecord* older = find_key(key.digest); older != nullptr && older->id == key.id) {
    record->last_used_min.store(older->last_used_min.load(std::memory_order_relaxed),
                                std::memory_order_relaxed);
  }
  const KeyRecord* raw = record.get();
  // Two keys of one digest are one secret: the store refuses the second, and so a digest has one
  // id.
  if (const KeyRecord* other = find_key(key.digest); other != nullptr && other->id != key.id) {
    log::error("two API keys have the same digest; the later one replaces the earlier");
    keys_by_id_.erase(std::hash<KeyId>{}(other->id), is_key(other->id));
  }
  keys_by_id_.point_to(raw, is_key(key.id));
  keys_.put(std::move(record),
            [&key](const KeyRecord& other) { return other.digest == key.digest; });
}

void Directory::put(const User& user) {
  const auto folded = fold_username(user.username);
  if (!folded) {
    log::warn("user " + user.id.hex() + " has a name that cannot be compared and cannot sign in");
    remove(user);
    return;
  }
  auto record = UserRecord::make(user, *folded);
  if (const UserRecord* present = find_user(user.id)) {
    const UserRecord& older = *present;
    record->copy_proof(older);
    if (older.account() != user.account || older.folded() != *folded) {
      remove(user);
    } else {
      decoys_.remove(older.verifier());
    }
  }
  decoys_.add(user.verifier);
  if (const UserRecord* other = find_user(user.account, *folded);
      other != nullptr && other->id() != user.id) {
    log::error("two users of one account have the same name; the later replaces the earlier");
    users_by_id_.erase(std::hash<UserId>{}(other->id()), is_user(other->id()));
  }
  const UserRecord* raw = record.get();
  users_by_id_.point_to(raw, is_user(user.id));
  users_.put(std::move(record), [&](const UserRecord& other) {
    return other.account() == user.account && other.folded() == *folded;
  });
}

void Directory::put(const Workspace& workspace) {
  if (workspace.is_default) {
    slot(workspace.account).default_workspace.store(workspace.id.value, std::memory_order_release);
  }
}

void Directory::remove(const Account& account) {
  slot(account.id).status.store(Status::Suspended, std::memory_order_release);
}

void Directory::remove(const Application& application) {
  slot(application.id).status.store(Status::Disabled, std::memory_order_release);
}

void Directory::remove(const Plan& plan) { replace<PlanRecord>(slot(plan.id).record, nullptr); }

void Directory::remove(const Subscription& subscription) {
  replace<SubscriptionRecord>(slot(subscription.id).record, nullptr);
}

void Directory::remove(const ApiKey& key) {
  const KeyRecord* record = find_key(key.id);
  if (record == nullptr) return;
  keys_by_id_.erase(std::hash<KeyId>{}(key.id), is_key(key.id));
  keys_.erase(record->hash(), [record](const KeyRecord& other) { return &other == record; });
}

void Directory::remove(const User& user) {
  const UserRecord* record = find_user(user.id);
  if (record == nullptr) return;
  decoys_.remove(record->verifier());
  users_by_id_.erase(std::hash<UserId>{}(user.id), is_user(user.id));
  users_.erase(record->hash(), [record](const UserRecord& other) { return &other == record; });
}

void Directory::remove(const Workspace& workspace) {
  std::uint64_t removed = workspace.id.value;
  slot(workspace.account).default_workspace.compare_exchange_strong(removed, 0);
}

}  // namespace sallyport::auth
