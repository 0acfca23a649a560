#include "access/policy.h"

#include <utility>
#include <variant>

#include "base/log.h"

namespace sallyport::access {

Policy::Policy(Catalog catalog, Reclaimer& reclaimer)
    : catalog_(std::move(catalog)), roles_(reclaimer), plans_(reclaimer) {}

void Policy::load(const Entities& entities) {
  for (const Role& role : entities.roles) put(role);
  for (const Plan& plan : entities.plans) put(plan);
}

void Policy::extend(Catalog catalog) {
  catalog_ = std::move(catalog);
  std::vector<Role> roles;
  roles_.for_each([&roles](const RoleRecord& record) { roles.push_back(record.role); });
  std::vector<Plan> plans;
  plans_.for_each([&plans](const PlanRecord& record) { plans.push_back(record.plan); });
  for (const Role& role : roles) put(role);
  for (const Plan& plan : plans) put(plan);
}

void Policy::apply(const Change& change) {
  for (const Entity& entity : change.put) {
    if (const auto* role = std::get_if<Role>(&entity)) put(*role);
    if (const auto* plan = std::get_if<Plan>(&entity)) put(*plan);
  }
  for (const Entity& entity : change.remove) {
    if (const auto* role = std::get_if<Role>(&entity)) {
      roles_.erase(std::hash<RoleId>{}(role->id),
                   [role](const RoleRecord& one) { return one.role.id == role->id; });
    }
    if (const auto* plan = std::get_if<Plan>(&entity)) {
      plans_.erase(std::hash<PlanId>{}(plan->id),
                   [plan](const PlanRecord& one) { return one.plan.id == plan->id; });
    }
  }
}

void Policy::put(const Role& role) {
  auto record = std::make_unique<RoleRecord>();
  record->role = role;
  for (const Permission& permission : role.permissions) {
    auto rule = Rule::compile(permission.match, catalog_);
    if (!rule) {
      log::warn("role " + role.name + ": " + to_string(permission.match) + ": " +
                rule.error().message);
      record->denies_all = record->denies_all || !permission.allow;
      continue;
    }
    (permission.allow ? record->allowed : record->denied).add(std::move(*rule), catalog_);
  }
  roles_.put(std::move(record), [&role](const RoleRecord& one) { return one.role.id == role.id; });
}

void Policy::put(const Plan& plan) {
  auto record = std::make_unique<PlanRecord>();
  record->plan = plan;
  for (std::size_t i = 0; i < plan.opens.size(); ++i) {
    auto rule = Rule::compile(plan.opens[i].match, catalog_);
    if (!rule) {
      log::warn("plan " + plan.name + ": " + to_string(plan.opens[i].match) + ": " +
                rule.error().message);
      continue;
    }
    const Limits& own = plan.opens[i].own;
    if (own.rate_per_second || own.quota) record->own.push_back({*rule, i});
    record->opened.add(std::move(*rule), catalog_);
  }
  plans_.put(std::move(record), [&plan](const PlanRecord& one) { return one.plan.id == plan.id; });
}

const Policy::RoleRecord* Policy::find(RoleId id) const {
  return roles_.find(std::hash<RoleId>{}(id),
                     [id](const RoleRecord& one) { return one.role.id == id; });
}

const Policy::PlanRecord* Policy::find(PlanId id) const {
  return plans_.find(std::hash<PlanId>{}(id),
                     [id](const PlanRecord& one) { return one.plan.id == id; });
}

Decision Policy::decide(AccountId account, std::span<const RoleAssignment> roles,
                        WorkspaceId workspace, const Question& question) const {
  Decision decision;
  for (const RoleAssignment& assignment : roles) {
    if (assignment.workspace && assignment.workspace != workspace) continue;
    const RoleRecord* record = find(assignment.role);
    if (record == nullptr) continue;
    // A role of another account is no role here, whoever assigned it.
    if (record->role.account && record->role.account != account) continue;
    if (record->denies_all || record->denied.contains(question)) {
      return {false, true, assignment.role};
    }
    if (!decision.allowed && record->allowed.contains(question)) {
      decision.allowed = true;
      decision.role = assignment.role;
    }
  }
  return decision;
}

Opening Policy::opening(PlanId plan, const Question& question) const {
  Opening opening;
  const PlanRecord* record = find(plan);
  if (record == nullptr || !record->opened.contains(question)) return opening;
  opening.open = true;
  for (const auto& own : record->own) {
    if (own.rule.matches(question)) {
      opening.own = &record->plan.opens[own.index];
      break;
    }
  }
  return opening;
}

std::string_view Policy::name_of(RoleId role) const {
  const RoleRecord* record = find(role);
  return record == nullptr ? std::string_view() : record->role.name;
}

std::string Policy::reason_for(const Decision& decision, const Question& question) const {
  const RoleRecord* record = find(decision.role);
  if (record == nullptr) return "no role of the user permits it";
  const std::string verb = decision.allowed ? "permits" : "denies";
  for (const Permission& permission : record->role.permissions) {
    const auto rule = Rule::compile(permission.match, catalog_);
    if (permission.allow == decision.allowed && rule && rule->matches(question)) {
      return "role " + record->role.name + " " + verb + " " + to_string(permission.match);
    }
  }
  return "role " + record->role.name +
         " has a denial that cannot be read, and so denies everything";
}

std::string Policy::reason_for(PlanId plan, const Question& question) const {
  const PlanRecord* record = find(plan);
  if (record == nullptr) return "no such plan";
  for (const PlanOpening& opening : record->plan.opens) {
    const auto rule = Rule::compile(opening.match, catalog_);
    if (rule && rule->matches(question)) {
      return "plan " + record->plan.name + " opens " + to_string(opening.match);
    }
  }
  return "plan " + record->plan.name + " does not open it";
}

}  // namespace sallyport::access
