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

Policy::Rules Policy::compile(const Role& role, const std::vector<Permission>& permissions) const {
  Rules rules;
  for (const Permission& permission : permissions) {
    const auto rule = Rule::compile(permission.match, catalog_);
    if (!rule) {
      log::warn("role " + role.name + ": " + to_string(permission.match) + ": " +
                rule.error().message);
      rules.denies_all = rules.denies_all || !permission.allow;
      continue;
    }
    (permission.allow ? rules.allowed : rules.denied).add(*rule, catalog_);
  }
  rules.allowed.finish();
  rules.denied.finish();
  return rules;
}

void Policy::put(const Role& role) {
  auto record = std::make_unique<RoleRecord>();
  record->role = role;
  record->enforced = compile(role, role.permissions);
  if (role.shadow_until_us != 0) {
    record->shadow = std::make_unique<const Rules>(compile(role, role.shadow));
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
    record->opened.add(*rule, catalog_);
  }
  record->opened.finish();
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

template <class RulesOf>
Decision Policy::decide_by(AccountId account, std::span<const RoleAssignment> roles,
                           WorkspaceId workspace, const Question& question,
                           RulesOf rules_of) const {
  Decision decision;
  for (const RoleAssignment& assignment : roles) {
    if (assignment.workspace && assignment.workspace != workspace) continue;
    const RoleRecord* record = find(assignment.role);
    if (record == nullptr) continue;
    // A role of another account is no role here, whoever assigned it.
    if (record->role.account && record->role.account != account) continue;
    const Rules& rules = rules_of(*record);
    if (record->shadow) decision.shadowed = true;
    if (rules.denies_all || rules.denied.contains(question)) {
      return {false, true, assignment.role, decision.shadowed};
    }
    if (!decision.allowed && rules.allowed.contains(question)) {
      decision.allowed = true;
      decision.role = assignment.role;
    }
  }
  return decision;
}

Decision Policy::decide(AccountId account, std::span<const RoleAssignment> roles,
                        WorkspaceId workspace, const Question& question) const {
  return decide_by(account, roles, workspace, question,
                   [](const RoleRecord& record) -> const Rules& { return record.enforced; });
}

std::optional<Decision> Policy::decide_shadow(AccountId account,
                                              std::span<const RoleAssignment> roles,
                                              WorkspaceId workspace, const Question& question,
                                              std::int64_t now_us) const {
  bool in_force = false;
  const Decision decision =
      decide_by(account, roles, workspace, question, [&](const RoleRecord& record) -> const Rules& {
        if (!record.shadow || record.role.shadow_until_us <= now_us) return record.enforced;
        in_force = true;
        return *record.shadow;
      });
  return in_force ? std::optional(decision) : std::nullopt;
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
  return rule_behind(record->role.name, record->role.permissions, decision, question);
}

std::string Policy::shadow_reason_for(const Decision& decision, const Question& question) const {
  const RoleRecord* record = find(decision.role);
  if (record == nullptr) return "no role of the user would permit it";
  const Role& role = record->role;
  return rule_behind(role.name, record->shadow ? role.shadow : role.permissions, decision,
                     question);
}

std::string Policy::rule_behind(const std::string& role, const std::vector<Permission>& permissions,
                                const Decision& decision, const Question& question) const {
  const std::string verb = decision.allowed ? " permits " : " denies ";
  for (const Permission& permission : permissions) {
    const auto rule = Rule::compile(permission.match, catalog_);
    if (permission.allow == decision.allowed && rule && rule->matches(question)) {
      return "role " + role + verb + to_string(permission.match);
    }
  }
  return "role " + role + " has a denial that cannot be read, and so denies everything";
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
