#include "support/memory_entity_store.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "base/encoding.h"

namespace sallyport::test {
namespace {

constexpr std::int64_t kMinute_us = 60'000'000;

std::pair<std::size_t, std::uint64_t> place_of(const Entity& entity) {
  return {entity.index(), std::visit([](const auto& one) { return one.id.value; }, entity)};
}

template <class T>
std::vector<T>& vector_of(Entities& entities) {
  if constexpr (std::is_same_v<T, Account>) return entities.accounts;
  if constexpr (std::is_same_v<T, Developer>) return entities.developers;
  if constexpr (std::is_same_v<T, Application>) return entities.applications;
  if constexpr (std::is_same_v<T, Plan>) return entities.plans;
  if constexpr (std::is_same_v<T, Subscription>) return entities.subscriptions;
  if constexpr (std::is_same_v<T, ApiKey>) return entities.keys;
  if constexpr (std::is_same_v<T, Grant>) return entities.grants;
  if constexpr (std::is_same_v<T, Role>) return entities.roles;
  if constexpr (std::is_same_v<T, User>) return entities.users;
  if constexpr (std::is_same_v<T, Workspace>) return entities.workspaces;
  if constexpr (std::is_same_v<T, Sender>) return entities.senders;
  if constexpr (std::is_same_v<T, SendingRules>) return entities.sending_rules;
}

}  // namespace

Result<Entities> MemoryEntityStore::load() {
  Entities loaded;
  for (const auto& [place, entity] : entities_) {
    std::visit([&]<class T>(const T& one) { vector_of<T>(loaded).push_back(one); }, entity);
  }
  return loaded;
}

Result<Entities> MemoryEntityStore::load_few() {
  auto loaded = load();
  loaded->keys.clear();
  loaded->users.clear();
  return loaded;
}

template <class T, class Take>
Result<void> MemoryEntityStore::each(Take take) const {
  if (unread) return fail(ErrorKind::Unavailable, "the store cannot be read");
  for (const auto& [place, entity] : entities_) {
    if (const T* found = std::get_if<T>(&entity)) take(*found);
  }
  return {};
}

template <class T>
Result<std::optional<T>> MemoryEntityStore::one(std::uint64_t id) const {
  std::optional<T> wanted;
  auto read = each<T>([&](const T& found) {
    if (found.id.value == id) wanted = found;
  });
  if (!read) return std::unexpected(read.error());
  return wanted;
}

Result<void> MemoryEntityStore::each_key(std::optional<SubscriptionId> of,
                                         const std::function<void(const ApiKey&)>& take) {
  return each<ApiKey>([&](const ApiKey& key) {
    if (!of || key.subscription == *of) take(key);
  });
}

Result<void> MemoryEntityStore::each_user(const std::function<void(const User&)>& take) {
  return each<User>(take);
}

Result<std::optional<ApiKey>> MemoryEntityStore::key(KeyId id) { return one<ApiKey>(id.value); }
Result<std::optional<User>> MemoryEntityStore::user(UserId id) { return one<User>(id.value); }

Result<std::optional<KeyId>> MemoryEntityStore::find_key(const Digest& digest) {
  for (const auto& [place, entity] : entities_) {
    const auto* key = std::get_if<ApiKey>(&entity);
    if (key != nullptr && key->digest == digest) return key->id;
  }
  return std::nullopt;
}

Result<std::optional<UserId>> MemoryEntityStore::find_user(AccountId account,
                                                           const std::string& folded) {
  for (const auto& [place, entity] : entities_) {
    const auto* user = std::get_if<User>(&entity);
    if (user != nullptr && user->account == account && fold_username(user->username) == folded) {
      return user->id;
    }
  }
  return std::nullopt;
}

Result<void> MemoryEntityStore::apply(const Change& change) {
  if (away) return fail(ErrorKind::Unavailable, "the store is away");
  for (const Entity& entity : change.put) entities_.insert_or_assign(place_of(entity), entity);
  for (const Entity& entity : change.remove) entities_.erase(place_of(entity));
  changes.push_back(change);
  return {};
}

Result<void> MemoryEntityStore::touch_keys(const std::vector<auth::KeyUse>& touched) {
  if (away) return fail(ErrorKind::Unavailable, "the store is away");
  uses.insert(uses.end(), touched.begin(), touched.end());
  for (const auth::KeyUse& use : touched) {
    ApiKey wanted;
    wanted.id = use.key;
    const auto found = entities_.find(place_of(wanted));
    if (found == entities_.end()) continue;
    auto& key = std::get<ApiKey>(found->second);
    key.last_used_us = std::max(key.last_used_us, use.at_us - use.at_us % kMinute_us);
  }
  return {};
}

Result<std::vector<auth::AuditRow>> MemoryEntityStore::audit_rows(std::int64_t limit) {
  std::vector<auth::AuditRow> rows;
  for (std::size_t i = changes.size(); i > 0 && std::ssize(rows) < limit; --i) {
    rows.push_back({static_cast<std::int64_t>(i), changes[i - 1].audit, "00"});
  }
  return rows;
}

Result<auth::AuditVerdict> MemoryEntityStore::verify_audit(const std::string& since) {
  if (!since.empty() && since != "head-1") return fail(ErrorKind::Invalid, "no head of ours");
  return auth::AuditVerdict{!broken,
                            std::ssize(changes),
                            broken ? 1 : 0,
                            "00",
                            1,
                            broken ? "row 1 does not fit the one before it" : ""};
}

Result<std::string> MemoryEntityStore::sign_audit_head(std::int64_t) { return std::string(); }

}  // namespace sallyport::test
