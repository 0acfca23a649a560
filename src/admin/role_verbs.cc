#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/verbs.h"

namespace sallyport::admin {
namespace {

Role named_role(Run& run) {
  const AccountId account = run.account_option();
  return run.take(run.model().role(run.subject(), account));
}

// What is given replaces what the role had of that kind.
void read_permissions(Run& run, Role& role) {
  const auto replace = [&](std::string_view option, bool allow) {
    if (!run.has(option)) return;
    std::erase_if(role.permissions, [&](const Permission& one) { return one.allow == allow; });
    for (const std::string& text : run.all(option)) {
      role.permissions.push_back({run.match(text), allow});
    }
  };
  replace("allow", true);
  replace("deny", false);
}

void check_role_name(Run& run, const Role& role) {
  const auto taken = run.model().roles.select([&](const Role& one) {
    return one.name == role.name && one.account == role.account && one.id != role.id;
  });
  if (!taken.empty()) {
    run.refuse(fmt::format("a role of {} is named \"{}\" already",
                           role.account ? "the account" : "the installation", role.name));
  }
  if (role.name.find('@') != std::string::npos) {
    run.refuse("a role's name must not hold an @: ROLE@WORKSPACE is how one is given to a user");
  }
}

CommandReply role_create(Run& run) {
  Role role;
  role.name = run.new_name("role's name", run.subject());
  role.id = make_id<RoleId>(run.random());
  role.created_us = run.now_us();
  role.account = run.account_option();
  read_permissions(run, role);
  check_role_name(run, role);
  return save(run, role, "role.created", role.account);
}

CommandReply role_update(Run& run) {
  Role role = named_role(run);
  if (!run.has("allow") && !run.has("deny") && !run.has("rename")) {
    run.bad_usage("give at least one of --allow, --deny and --rename");
  }
  if (run.has("rename")) role.name = run.new_name("role's name", run.one("rename"));
  read_permissions(run, role);
  check_role_name(run, role);
  return save(run, role, "role.updated", role.account);
}

CommandReply role_list(Run& run) {
  const AccountId account = run.account_option();
  return list(run, run.model().roles.select([&](const Role& one) {
    return !account || !one.account || one.account == account;
  }));
}

CommandReply role_show(Run& run) { return show(run, named_role(run)); }

CommandReply role_delete(Run& run) {
  const Role role = named_role(run);
  if (run.failed()) return run.refusal();
  const auto users = run.model().users.select([&](const User& one) {
    return std::ranges::any_of(one.roles,
                               [&](const RoleAssignment& given) { return given.role == role.id; });
  });
  if (!users.empty()) {
    run.refuse(fmt::format("role {} is used by {} user{}, the first is {}", label_of(role),
                           users.size(), users.size() == 1 ? "" : "s", label_of(*users.front())));
  }
  const auto grants = run.model().grants.select([&](const Grant& one) {
    return std::ranges::find(one.role_ceiling, role.id) != one.role_ceiling.end();
  });
  if (!grants.empty()) {
    run.refuse(fmt::format("role {} is the ceiling of grant {}", label_of(role),
                           label_of(*grants.front())));
  }
  if (run.failed()) return run.refusal();
  Change change = change_of(run, role, "role.deleted", role.account);
  change.put.clear();
  change.remove.emplace_back(role);
  if (auto failed = run.commit(std::move(change))) return *failed;
  return reply_of(run, role, "role.deleted");
}

constexpr OptionInfo kAllow{"allow", "WHAT",
                            "What it permits: \"API:OPERATION\" (\"messaging:messages.list\") or "
                            "\"API METHODS PATTERN\". May be repeated.",
                            false, true};
constexpr OptionInfo kDeny{
    "deny", "WHAT", "What it forbids, whatever else permits it. May be repeated.", false, true};
constexpr OptionInfo kOfAccount{"account", "ACCOUNT", "The role's account, to tell names apart.",
                                false, false};

}  // namespace

std::vector<ActionInfo> role_actions() {
  return {
      {"role",
       "create",
       "NAME",
       "Makes a role. It permits nothing that --allow does not name.",
       role_create,
       {{"account", "ACCOUNT", "The account it belongs to. Default: the whole installation."},
        kAllow,
        kDeny}},
      {"role",
       "update",
       "ROLE",
       "Changes a role; all --allow given replace the old ones, and so with --deny.",
       role_update,
       {kOfAccount, kAllow, kDeny, {"rename", "NAME", "Its new name."}}},
      {"role",
       "list",
       "",
       "Lists roles.",
       role_list,
       {{"account", "ACCOUNT", "Only what users of this account may have."}}},
      {"role", "show", "ROLE", "Shows one role.", role_show, {kOfAccount}},
      {"role", "delete", "ROLE", "Deletes a role that nobody has.", role_delete, {kOfAccount}},
  };
}

}  // namespace sallyport::admin
