// Who may do what: roles compiled for default deny where a denial wins, and what each plan opens.
// Owned by the server. load() and apply() on the control thread, in force for every reader when
// they return; the questions take no lock, on any worker, and their pointers hold until its loop's
// next turn. A rule that cannot be compiled permits nothing, and as a denial denies everything.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/rule.h"
#include "base/entities.h"
#include "base/table.h"

namespace sallyport::access {

struct Decision {
  bool allowed = false;
  bool denied = false;    // by a denial, not for want of a permission
  RoleId role;            // the role that decided; none = no role permits it
  bool shadowed = false;  // a role with a candidate beside it was asked
};

// What a plan says of a request. `own` holds its own limits when the opening has any.
struct Opening {
  bool open = false;
  const PlanOpening* own = nullptr;
};

class Policy {
 public:
  Policy(Catalog catalog, Reclaimer& reclaimer);

  const Catalog& catalog() const { return catalog_; }
  // From now on these names are known too: `catalog` begins with all that were known before. Every
  // role and plan is compiled anew. Control thread, before a request can ask about a new name.
  void extend(Catalog catalog);
  void load(const Entities& entities);
  void apply(const Change& change);

  // Workers. `workspace` none: the request is in no workspace, so only account-wide roles count.
  Decision decide(AccountId account, std::span<const RoleAssignment> roles, WorkspaceId workspace,
                  const Question& question) const;
  // The same with the candidates of `role shadow` in place of the roles they shadow; nothing when
  // none of them is in force at `now_us`. To be asked only of a decision that says `shadowed`.
  std::optional<Decision> decide_shadow(AccountId account, std::span<const RoleAssignment> roles,
                                        WorkspaceId workspace, const Question& question,
                                        std::int64_t now_us) const;
  Opening opening(PlanId plan, const Question& question) const;

  std::string_view name_of(RoleId role) const;  // empty: there is no such role

  // Explain's: the rule behind a decision, for people.
  std::string reason_for(const Decision& decision, const Question& question) const;
  std::string shadow_reason_for(const Decision& decision, const Question& question) const;
  std::string reason_for(PlanId plan, const Question& question) const;

 private:
  struct Rules {
    RuleSet allowed;
    RuleSet denied;
    bool denies_all = false;
  };
  struct RoleRecord {
    Role role;
    Rules enforced;
    std::unique_ptr<const Rules> shadow;
    std::uint64_t hash() const { return std::hash<RoleId>{}(role.id); }
  };
  struct PlanRecord {
    Plan plan;
    RuleSet opened;
    struct Own {
      Rule rule;
      std::size_t index = 0;  // into plan.opens
    };
    std::vector<Own> own;  // the openings with limits of their own
    std::uint64_t hash() const { return std::hash<PlanId>{}(plan.id); }
  };

  Rules compile(const Role& role, const std::vector<Permission>& permissions) const;
  // Takes the rules that `rules_of(record)` names of each role that counts here.
  template <class RulesOf>
  Decision decide_by(AccountId account, std::span<const RoleAssignment> roles,
                     WorkspaceId workspace, const Question& question, RulesOf rules_of) const;
  std::string rule_behind(const std::string& role, const std::vector<Permission>& permissions,
                          const Decision& decision, const Question& question) const;
  void put(const Role& role);
  void put(const Plan& plan);
  const RoleRecord* find(RoleId id) const;
  const PlanRecord* find(PlanId id) const;

  Catalog catalog_;
  Table<RoleRecord> roles_;
  Table<PlanRecord> plans_;
};

}  // namespace sallyport::access
