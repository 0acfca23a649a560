#include "admin/model.h"

#include <fmt/format.h>

#include <concepts>
#include <type_traits>
#include <variant>

#include "base/encoding.h"

namespace sallyport::admin {
namespace {

template <class T, class ModelType>
auto& collection_of(ModelType& model) {
  if constexpr (std::is_same_v<T, Account>) return model.accounts;
  if constexpr (std::is_same_v<T, Developer>) return model.developers;
  if constexpr (std::is_same_v<T, Application>) return model.applications;
  if constexpr (std::is_same_v<T, Plan>) return model.plans;
  if constexpr (std::is_same_v<T, Subscription>) return model.subscriptions;
  if constexpr (std::is_same_v<T, ApiKey>) return model.keys;
  if constexpr (std::is_same_v<T, Grant>) return model.grants;
  if constexpr (std::is_same_v<T, Role>) return model.roles;
  if constexpr (std::is_same_v<T, User>) return model.users;
  if constexpr (std::is_same_v<T, Workspace>) return model.workspaces;
  if constexpr (std::is_same_v<T, Sender>) return model.senders;
  if constexpr (std::is_same_v<T, SendingRules>) return model.sending_rules;
}

std::string shown(std::string_view reference) {
  if (looks_like_a_key(reference)) return "that text (it looks like an API key: name keys by id)";
  return fmt::format("\"{}\"", reference);
}

// The one that is meant: by its id, or by a name that only one has.
template <class T, class Named>
Result<T> resolve(const Collection<T>& all, std::string_view what, std::string_view reference,
                  Named&& is_named) {
  if (const auto id = decltype(T::id)::parse(reference)) {
    if (const T* found = all.find(*id)) return *found;
    return fail(ErrorKind::NotFound, fmt::format("there is no {} with the id {}", what, reference));
  }
  const auto found = all.select(is_named);
  if (found.empty()) {
    return fail(ErrorKind::NotFound, fmt::format("there is no {} {}", what, shown(reference)));
  }
  if (found.size() > 1) {
    std::string ids;
    for (const T* one : found) ids += (ids.empty() ? "" : ", ") + one->id.hex();
    return fail(ErrorKind::Conflict, fmt::format("{} of {}s are named {}: give the id ({}) or "
                                                 "--account",
                                                 found.size(), what, shown(reference), ids));
  }
  return *found.front();
}

template <class T, class Name>
std::string name_or_id(const Collection<T>& all, decltype(T::id) id, Name T::* name) {
  if (!id) return {};
  const T* found = all.find(id);
  return found == nullptr ? id.hex() : found->*name;
}

}  // namespace

Model::Model(const Entities& entities) {
  for (const auto& one : entities.accounts) accounts.put(one);
  for (const auto& one : entities.developers) developers.put(one);
  for (const auto& one : entities.applications) applications.put(one);
  for (const auto& one : entities.plans) plans.put(one);
  for (const auto& one : entities.subscriptions) subscriptions.put(one);
  for (const auto& one : entities.keys) keys.put(one);
  for (const auto& one : entities.grants) grants.put(one);
  for (const auto& one : entities.roles) roles.put(one);
  for (const auto& one : entities.users) users.put(one);
  for (const auto& one : entities.workspaces) workspaces.put(one);
  for (const auto& one : entities.senders) senders.put(one);
  for (const auto& one : entities.sending_rules) sending_rules.put(one);
}

void Model::put(const Entity& entity) {
  std::visit([this]<class T>(const T& one) { collection_of<T>(*this).put(one); }, entity);
}

void Model::remove(const Entity& entity) {
  std::visit([this]<class T>(const T& one) { collection_of<T>(*this).remove(one); }, entity);
}

void Model::take(const Change& change) {
  for (const Entity& entity : change.put) put(entity);
  for (const Entity& entity : change.remove) remove(entity);
}

void Model::note_login(UserId user, std::int64_t time_us) {
  User* found = users.find_to_change(user.value);
  if (found != nullptr) found->last_login_us = std::max(found->last_login_us, time_us);
}

Result<Account> Model::account(std::string_view reference) const {
  return resolve(accounts, "account", reference,
                 [&](const Account& one) { return one.name == reference; });
}

Result<Developer> Model::developer(std::string_view reference) const {
  return resolve(developers, "developer", reference,
                 [&](const Developer& one) { return equal_ascii_case(one.email, reference); });
}

Result<Application> Model::application(std::string_view reference, AccountId account) const {
  return resolve(applications, "application", reference, [&](const Application& one) {
    return one.name == reference && (!account || one.account == account);
  });
}

Result<Plan> Model::plan(std::string_view reference) const {
  return resolve(plans, "plan", reference, [&](const Plan& one) { return one.name == reference; });
}

Result<Subscription> Model::subscription(std::string_view reference) const {
  if (!SubscriptionId::parse(reference)) {
    const auto named = application(reference);
    if (named) {
      const auto held = subscriptions.select([&](const Subscription& one) {
        return one.application == named->id && one.status != Status::Ended;
      });
      if (held.size() == 1) return *held.front();
      return fail(ErrorKind::Conflict,
                  fmt::format("the application \"{}\" has {} subscriptions: name one by its id",
                              named->name, held.size()));
    }
  }
  return resolve(subscriptions, "subscription", reference,
                 [](const Subscription&) { return false; });
}

Result<ApiKey> Model::key(std::string_view reference) const {
  if (reference.size() == 12) {
    if (const auto id = crockford_decode(reference)) {
      if (const ApiKey* found = keys.find(KeyId{*id})) return *found;
    }
  }
  return resolve(keys, "key", reference, [](const ApiKey&) { return false; });
}

Result<Grant> Model::grant(std::string_view reference) const {
  return resolve(grants, "grant", reference, [](const Grant&) { return false; });
}

Result<Role> Model::role(std::string_view reference, AccountId account) const {
  // The account's own role goes before one of the installation with the same name.
  if (account) {
    const auto own = roles.select(
        [&](const Role& one) { return one.name == reference && one.account == account; });
    if (own.size() == 1) return *own.front();
  }
  return resolve(roles, "role", reference, [&](const Role& one) {
    return one.name == reference && (!account || !one.account || one.account == account);
  });
}

Result<User> Model::user(std::string_view reference, AccountId account) const {
  const auto wanted = fold_username(reference);
  return resolve(users, "user", reference, [&](const User& one) {
    return wanted && (!account || one.account == account) && fold_username(one.username) == wanted;
  });
}

Result<Workspace> Model::workspace(std::string_view reference, AccountId account) const {
  return resolve(workspaces, "workspace", reference, [&](const Workspace& one) {
    return one.project_name == reference && (!account || one.account == account);
  });
}

Result<Sender> Model::sender(std::string_view reference, AccountId account) const {
  return resolve(senders, "sender", reference, [&](const Sender& one) {
    return equal_ascii_case(one.value, reference) && (!account || one.account == account);
  });
}

std::string Model::name_of(AccountId id) const { return name_or_id(accounts, id, &Account::name); }
std::string Model::name_of(ApplicationId id) const {
  return name_or_id(applications, id, &Application::name);
}
std::string Model::name_of(PlanId id) const { return name_or_id(plans, id, &Plan::name); }
std::string Model::name_of(RoleId id) const { return name_or_id(roles, id, &Role::name); }
std::string Model::name_of(WorkspaceId id) const {
  return name_or_id(workspaces, id, &Workspace::project_name);
}

bool looks_like_a_key(std::string_view text) {
  return text.starts_with("sp_live_") || text.starts_with("sp_test_") || text.size() > 64;
}

}  // namespace sallyport::admin
