#include "admin/prune.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport::admin {
namespace {

class Pruner {
 public:
  Pruner(const Run& run, const NamedEntities& named, ApplyPlan& plan)
      : run_(run), model_(run.model()), named_(named), plan_(plan) {
    for (const Entity& entity : plan.change.put) {
      if (const auto* user = std::get_if<User>(&entity)) users_.emplace(user->id.value, *user);
      if (const auto* grant = std::get_if<Grant>(&entity)) grants_.emplace(grant->id.value, *grant);
    }
  }

  void run() {
    for (const Application* one : unnamed<Application>("application")) remove_with_all(*one);
    for (const Grant* one : unnamed<Grant>("grant")) remove(*one);
    for (const ApiKey* one : unnamed<ApiKey>("key")) end(*one, Status::Revoked);
    for (const Subscription* one : unnamed<Subscription>("subscription")) end(*one, Status::Ended);
    for (const User* one : unnamed<User>("user")) end_user(*one);
    for (const Developer* one : unnamed<Developer>("developer")) remove(*one);
    for (const Plan* one : unnamed<Plan>("plan")) prune_plan(*one);
    for (const Role* one : unnamed<Role>("role")) prune_role(*one);
    for (const Workspace* one : unnamed<Workspace>("workspace")) {
      if (!one->is_default) end(*one, Status::Disabled);
    }
    for (const Account* one : unnamed<Account>("account")) end(*one, Status::Suspended);
  }

 private:
  template <class T>
  auto unnamed(std::string_view section) const
      -> decltype(std::declval<const Model&>().of<T>().all()) {
    const auto named = named_.find(section);
    if (named == named_.end()) return {};
    return model_.of<T>().select(
        [&](const T& one) { return !named->second.contains(one.id.value); });
  }

  template <class T>
  static std::string what(const T& entity) {
    return fmt::format("{} {}", kind_of(entity), label_of(entity));
  }

  template <class T>
  bool is_removed(const T& entity) const {
    return removed_.contains({Entity(entity).index(), entity.id.value});
  }

  template <class T>
  void remove(const T& entity) {
    if (is_removed(entity)) return;
    plan_.step('-', entity, what(entity));
    plan_.remove(entity, run_.now_us());
    removed_.emplace(Entity(entity).index(), entity.id.value);
  }

  template <class T>
  void end(T entity, Status status) {
    if (entity.status == status || is_removed(entity)) return;
    entity.status = status;
    plan_.step('-', entity, fmt::format("{}: {}", what(entity), to_string(status)));
    plan_.put(entity, to_string(status), run_.now_us());
  }

  void end_user(User user) {
    if (user.status == Status::Deleted && user.roles.empty()) return;
    user.status = Status::Deleted;
    ++user.security_version;
    user.roles.clear();
    plan_.step('-', user, fmt::format("{}: {}", what(user), to_string(user.status)));
    plan_.put(user, "deleted", run_.now_us());
    users_.insert_or_assign(user.id.value, user);
  }

  // With what goes with it, first what refers to the others.
  void remove_with_all(const Application& application) {
    for (const Subscription* subscription : model_.subscriptions.select(
             [&](const Subscription& one) { return one.application == application.id; })) {
      for (const ApiKey* key : model_.keys.of(subscription->id)) remove(*key);
      remove(*subscription);
    }
    for (const Grant* grant : model_.grants.select(
             [&](const Grant& one) { return one.application == application.id; })) {
      remove(*grant);
    }
    remove(application);
  }

  void prune_plan(const Plan& plan) {
    const auto held = model_.subscriptions.select(
        [&](const Subscription& one) { return one.plan == plan.id && !is_removed(one); });
    if (held.empty()) {
      remove(plan);
    } else {
      end(plan, Status::Inactive);
    }
  }

  // Never under somebody's feet: who has it must be told apart from who had it.
  void prune_role(const Role& role) {
    const auto has = [&role](const User& user) {
      return std::ranges::any_of(user.roles,
                                 [&](const RoleAssignment& one) { return one.role == role.id; });
    };
    for (const User* one : model_.users.all()) {
      const auto changed = users_.find(one->id.value);
      const User& user = changed == users_.end() ? *one : changed->second;
      if (!has(user)) continue;
      plan_.problems.push_back(
          {{}, fmt::format("{} is not in the document, but {} has it", what(role), what(user))});
      return;
    }
    for (const Grant* one : model_.grants.all()) {
      const auto changed = grants_.find(one->id.value);
      const Grant& grant = changed == grants_.end() ? *one : changed->second;
      if (is_removed(grant) ||
          std::ranges::find(grant.role_ceiling, role.id) == grant.role_ceiling.end()) {
        continue;
      }
      plan_.problems.push_back({{},
                                fmt::format("{} is not in the document, but is the ceiling of {}",
                                            what(role), what(grant))});
      return;
    }
    remove(role);
  }

  const Run& run_;
  const Model& model_;
  const NamedEntities& named_;
  ApplyPlan& plan_;
  std::set<std::pair<std::size_t, std::uint64_t>> removed_;  // by the variant's index and the id
  std::unordered_map<std::uint64_t, User> users_;  // as they will be, where that is changed
  std::unordered_map<std::uint64_t, Grant> grants_;
};

}  // namespace

void plan_prune(const Run& run, const NamedEntities& named, ApplyPlan& plan) {
  Pruner(run, named, plan).run();
}

}  // namespace sallyport::admin
