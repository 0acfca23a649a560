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

template <class T>
constexpr bool kIsStored = std::is_same_v<T, ApiKey> || std::is_same_v<T, User>;

std::string shown(std::string_view reference) {
  if (looks_like_a_key(reference))
    return "of that name (it looks like an API key: name keys by id)";
  return fmt::format("\"{}\"", reference);
}

Error no_such_id(std::string_view what, std::string_view reference) {
  return {ErrorKind::NotFound, fmt::format("there is no {} with the id {}", what, reference)};
}

// The only one of `found`, which have the name that is asked for.
template <class T, class Found>
Result<T> only(const Found& found, std::string_view what, std::string_view reference) {
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

// The one that is meant: by its id, or by a name that only one has.
template <class T, class Named>
Result<T> resolve(const Collection<T>& all, std::string_view what, std::string_view reference,
                  Named&& is_named) {
  if (const auto id = decltype(T::id)::parse(reference)) {
    if (const T* found = all.find(*id)) return *found;
    return std::unexpected(no_such_id(what, reference));
  }
  return only<T>(all.select(is_named), what, reference);
}

template <class T, class Name>
std::string name_or_id(const Collection<T>& all, decltype(T::id) id, Name T::* name) {
  if (!id) return {};
  const T* found = all.find(id);
  return found == nullptr ? id.hex() : found->*name;
}

}  // namespace

Model::Model(const Entities& entities, auth::EntityStore& store) : keys(store), users(store) {
  for (const auto& one : entities.accounts) accounts.put(one);
  for (const auto& one : entities.developers) developers.put(one);
  for (const auto& one : entities.applications) applications.put(one);
  for (const auto& one : entities.plans) plans.put(one);
  for (const auto& one : entities.subscriptions) subscriptions.put(one);
  for (const auto& one : entities.grants) grants.put(one);
  for (const auto& one : entities.roles) roles.put(one);
  for (const auto& one : entities.workspaces) workspaces.put(one);
  for (const auto& one : entities.senders) senders.put(one);
  for (const auto& one : entities.sending_rules) sending_rules.put(one);
}

void Model::put(const Entity& entity) {
  std::visit(
      [this]<class T>(const T& one) {
        if constexpr (!kIsStored<T>) collection_of<T>(*this).put(one);
      },
      entity);
}

void Model::remove(const Entity& entity) {
  std::visit(
      [this]<class T>(const T& one) {
        if constexpr (!kIsStored<T>) collection_of<T>(*this).remove(one);
      },
      entity);
}

void Model::take(const Change& change, bool stored) {
  for (const Entity& entity : change.put) {
    put(entity);
    std::visit(
        [&]<class T>(const T& one) {
          if constexpr (kIsStored<T>) {
            auto& all = collection_of<T>(*this);
            stored ? all.release(one) : all.hold(one);
          }
        },
        entity);
  }
  for (const Entity& entity : change.remove) remove(entity);
}

std::optional<Error> Model::take_failure() const {
  auto of_keys = keys.take_failure();
  auto of_users = users.take_failure();
  return of_keys ? of_keys : of_users;
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
      if (auto found = keys.find(KeyId{*id})) return std::move(*found);
    }
  }
  const auto id = KeyId::parse(reference);
  if (auto found = id ? keys.find(*id) : std::nullopt) return std::move(*found);
  if (id) return std::unexpected(no_such_id("key", reference));
  return only<ApiKey>(Selection<ApiKey>(), "key", reference);
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
  if (const auto id = UserId::parse(reference)) {
    if (auto found = users.find(*id)) return std::move(*found);
    return std::unexpected(no_such_id("user", reference));
  }
  Selection<User> found;
  const auto take = [&, folded = fold_username(reference)](AccountId of) {
    if (auto one = folded ? users.named(of, *folded) : std::nullopt) found.add(std::move(*one));
  };
  if (account) {
    take(account);
  } else {
    for (const Account* one : accounts.all()) take(one->id);
  }
  found.sort();
  return only<User>(found, "user", reference);
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

bool is_email(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
         text.find('@', at + 1) == std::string_view::npos &&
         text.find_first_of(" \t,;<>\"") == std::string_view::npos;
}

}  // namespace sallyport::admin
