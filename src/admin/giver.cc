#include "admin/giver.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "access/coverage.h"
#include "admin/entity_text.h"

namespace sallyport::admin {
namespace {

std::optional<User> giver_of(Run& run, AccountId account) {
  if (!run.has("by")) return std::nullopt;
  const User giver = run.take(run.model().user(run.one("by"), account));
  if (run.failed()) return giver;
  if (giver.account != account) {
    run.refuse(
        fmt::format("user {} is of another account and gives nothing here", label_of(giver)));
  } else if (giver.status != Status::Active) {
    run.refuse(
        fmt::format("user {} is {} and gives nothing", label_of(giver), to_string(giver.status)));
  }
  return giver;
}

// What the giver may do in a workspace; with none: in every one of the account, so that what is
// denied to them in a single one counts and what is permitted there does not.
std::vector<Permission> rights_of(const Run& run, const User& giver, WorkspaceId workspace) {
  std::vector<Permission> rights;
  for (const RoleAssignment& own : giver.roles) {
    const Role* role = run.model().roles.find(own.role);
    if (role == nullptr || (role->account && role->account != giver.account)) continue;
    const bool here = !own.workspace || own.workspace == workspace;
    for (const Permission& permission : role->permissions) {
      if (here || (!workspace && !permission.allow)) rights.push_back(permission);
    }
  }
  return rights;
}

}  // namespace

void check_giver_of(Run& run, const std::vector<RoleAssignment>& given, AccountId account) {
  const auto giver = giver_of(run, account);
  if (!giver || run.failed()) return;
  for (const RoleAssignment& one : given) {
    const Role* role = run.model().roles.find(one.role);
    if (role == nullptr) continue;
    const auto rights = rights_of(run, *giver, one.workspace);
    if (const auto more = access::beyond(role->permissions, rights, run.services().routes)) {
      run.refuse(fmt::format(
          "role {} grants more than user {} has {}: {}", label_of(*role), label_of(*giver),
          one.workspace ? "in workspace " + run.model().name_of(one.workspace) : "account-wide",
          *more));
    }
  }
}

void check_giver_of(Run& run, const Role& role) {
  if (!run.has("by") || run.failed()) return;
  if (!role.account) {
    run.refuse(
        fmt::format("role {} is of the whole installation: only the operator changes it, "
                    "without --by",
                    label_of(role)));
    return;
  }
  const auto giver = giver_of(run, role.account);
  if (!giver || run.failed()) return;
  const auto rights = rights_of(run, *giver, {});
  if (const auto more = access::beyond(role.permissions, rights, run.services().routes)) {
    run.refuse(fmt::format("role {} would grant more than user {} has account-wide: {}",
                           label_of(role), label_of(*giver), *more));
  }
}

}  // namespace sallyport::admin
