// All entities, as administration sees them: found by id or name. Keys and users are read from the
// store when asked for, the others are in memory, kept in step with it by take(). Owned by
// Commands; one thread at a time. A name that fits several or none is an Error that says so.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "admin/stored.h"
#include "auth/entity_store.h"
#include "base/entities.h"
#include "base/result.h"

namespace sallyport::admin {

// The entities of one type, by id.
template <class T>
class Collection {
 public:
  void put(const T& entity) { by_id_[entity.id.value] = entity; }
  void remove(const T& entity) { by_id_.erase(entity.id.value); }
  template <class IdType>
  const T* find(IdType id) const {
    const auto found = by_id_.find(id.value);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  std::size_t size() const { return by_id_.size(); }

  // Those that `matches` takes, oldest first.
  template <class Matches>
  std::vector<const T*> select(Matches&& matches) const {
    std::vector<const T*> found;
    for (const auto& [id, entity] : by_id_) {
      if (matches(entity)) found.push_back(&entity);
    }
    std::ranges::sort(found, {},
                      [](const T* one) { return std::pair(one->created_us, one->id.value); });
    return found;
  }
  template <class Matches>
  std::size_t count(Matches&& matches) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(by_id_, [&](const auto& one) { return matches(one.second); }));
  }
  std::vector<const T*> all() const {
    return select([](const T&) { return true; });
  }

 private:
  std::unordered_map<std::uint64_t, T> by_id_;
};

class Model {
 public:
  Model() = default;
  // `entities` are those of the store, without keys and users.
  Model(const Entities& entities, auth::EntityStore& store);

  // Of keys and users: nothing, the store has them.
  void put(const Entity& entity);
  void remove(const Entity& entity);
  // What is in force from now on; not `stored`: the store does not have it.
  void take(const Change& change, bool stored);
  // Why something could not be read since the last call.
  std::optional<Error> take_failure() const;

  // By id or name. NotFound or Conflict ("two are named so") otherwise. `account` narrows names.
  Result<Account> account(std::string_view reference) const;
  Result<Developer> developer(std::string_view reference) const;
  Result<Application> application(std::string_view reference, AccountId account = {}) const;
  Result<Plan> plan(std::string_view reference) const;
  // By id, or by the name of an application that has one subscription.
  Result<Subscription> subscription(std::string_view reference) const;
  Result<ApiKey> key(std::string_view reference) const;  // id: hexadecimal or as in the key
  Result<Grant> grant(std::string_view reference) const;
  Result<Role> role(std::string_view reference, AccountId account = {}) const;
  Result<User> user(std::string_view reference, AccountId account = {}) const;
  Result<Workspace> workspace(std::string_view reference, AccountId account = {}) const;

  Result<Sender> sender(std::string_view reference, AccountId account = {}) const;  // by its value

  std::string name_of(AccountId id) const;  // the id's text when there is no such entity
  std::string name_of(ApplicationId id) const;
  std::string name_of(PlanId id) const;
  std::string name_of(RoleId id) const;
  std::string name_of(WorkspaceId id) const;

  template <class T>
  const auto& of() const {
    if constexpr (std::is_same_v<T, Account>) return accounts;
    if constexpr (std::is_same_v<T, Developer>) return developers;
    if constexpr (std::is_same_v<T, Application>) return applications;
    if constexpr (std::is_same_v<T, Plan>) return plans;
    if constexpr (std::is_same_v<T, Subscription>) return subscriptions;
    if constexpr (std::is_same_v<T, ApiKey>) return keys;
    if constexpr (std::is_same_v<T, Grant>) return grants;
    if constexpr (std::is_same_v<T, Role>) return roles;
    if constexpr (std::is_same_v<T, User>) return users;
    if constexpr (std::is_same_v<T, Workspace>) return workspaces;
  }

  Collection<Account> accounts;
  Collection<Developer> developers;
  Collection<Application> applications;
  Collection<Plan> plans;
  Collection<Subscription> subscriptions;
  Stored<ApiKey> keys;
  Collection<Grant> grants;
  Collection<Role> roles;
  Stored<User> users;
  Collection<Workspace> workspaces;
  Collection<Sender> senders;
  Collection<SendingRules> sending_rules;  // by the account's id
};

// True for a text that may be an API key: never repeated in a message.
bool looks_like_a_key(std::string_view text);
// One address and nothing else: what a developer is known by.
bool is_email(std::string_view text);

}  // namespace sallyport::admin
