#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/bounds.h"
#include "admin/giver.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "base/time_text.h"

namespace sallyport::admin {
namespace {

Role named_role(Run& run) {
  const AccountId account = run.account_option();
  return run.take(run.model().role(run.subject(), account));
}

constexpr std::int64_t kDay_us = 86'400'000'000;
constexpr std::int64_t kShadowDays = 7;

// What is given replaces what was there of that kind.
void read_permissions(Run& run, std::vector<Permission>& permissions) {
  const auto replace = [&](std::string_view option, bool allow) {
    if (!run.has(option)) return;
    std::erase_if(permissions, [&](const Permission& one) { return one.allow == allow; });
    for (const std::string& text : run.all(option)) {
      permissions.push_back({run.match(text), allow});
    }
  };
  replace("allow", true);
  replace("deny", false);
  if (run.failed()) return;
  if (const auto why = access::without_effect(permissions, run.services().routes)) {
    run.refuse(*why);
  }
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
  read_permissions(run, role.permissions);
  check_role_name(run, role);
  check_giver_of(run, role);
  return save(run, role, "role.created", role.account);
}

CommandReply role_update(Run& run) {
  Role role = named_role(run);
  if (!run.has("allow") && !run.has("deny") && !run.has("rename")) {
    run.bad_usage("give at least one of --allow, --deny and --rename");
  }
  if (run.has("rename")) role.name = run.new_name("role's name", run.one("rename"));
  read_permissions(run, role.permissions);
  check_role_name(run, role);
  check_giver_of(run, role);
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

// The candidate: of the role's permissions, or of an earlier candidate, with what is given in their
// place.
void read_shadow(Run& run, Role& role) {
  if (role.shadow_until_us <= run.now_us()) role.shadow = role.permissions;
  read_permissions(run, role.shadow);
  role.shadow_until_us = run.now_us() + kShadowDays * kDay_us;
  if (run.has("expires")) role.shadow_until_us = run.time("expires");
  if (run.failed()) return;
  if (role.shadow_until_us <= run.now_us()) {
    run.refuse(fmt::format("the expiry {} is in the past", rfc3339_seconds(role.shadow_until_us)));
  } else if (role.shadow_until_us > run.now_us() + kMostShadowDays * kDay_us) {
    run.refuse(fmt::format("a candidate is asked for {} days at most", kMostShadowDays));
  } else if (role.shadow == role.permissions) {
    run.refuse(fmt::format("that is what role {} permits already", label_of(role)));
  }
}

CommandReply role_shadow(Run& run) {
  Role role = named_role(run);
  const bool candidate = run.has("allow") || run.has("deny");
  const int asked = (candidate ? 1 : 0) + (run.has("enforce") ? 1 : 0) + (run.has("end") ? 1 : 0);
  if (asked != 1 || (run.has("expires") && !candidate)) {
    run.bad_usage("give a candidate (--allow, --deny, --expires), or --enforce, or --end");
  }
  if (run.failed()) return run.refusal();
  if (candidate) {
    read_shadow(run, role);
    return save(run, role, "role.shadowed", role.account);
  }
  if (role.shadow_until_us == 0) {
    run.refuse(fmt::format("role {} has no candidate", label_of(role)));
  }
  if (run.has("enforce")) role.permissions = role.shadow;
  role.shadow.clear();
  role.shadow_until_us = 0;
  check_giver_of(run, role);
  return save(run, role, run.has("enforce") ? "role.updated" : "role.shadow_ended", role.account);
}

// Who is asked about: a role by itself, or a user with all of theirs.
void read_who(Run& run, RoleQuestion& question) {
  question.account = run.account_option();
  if (run.has("user")) {
    const User user = run.take(run.model().user(run.one("user"), question.account));
    question.account = user.account;
    question.roles = user.roles;
    return;
  }
  const Role role = run.take(run.model().role(run.one("role"), question.account));
  if (role.account) question.account = role.account;
  question.roles = {{role.id, {}}};
}

RoleQuestion read_question(Run& run) {
  RoleQuestion question;
  const bool by_path = run.has("method") && run.has("path") && !run.has("operation");
  const bool by_operation = run.has("operation") && !run.has("method") && !run.has("path");
  if (run.has("role") == run.has("user")) run.bad_usage("give either --role or --user");
  if (by_path == by_operation) run.bad_usage("give --method and --path, or --operation");
  if (by_path && run.has("workspace")) {
    run.bad_usage("--workspace goes with --operation: a path names its workspace itself");
  }
  if (run.failed()) return question;
  read_who(run, question);
  for (const Workspace* one : run.model().workspaces.select([&](const Workspace& workspace) {
         return workspace.account == question.account && workspace.is_default;
       })) {
    question.default_workspace = one->id;
  }
  question.api = run.one("api");
  question.method = run.one("method");
  question.path = run.one("path");
  question.operation = run.one("operation");
  question.shadow = run.has("shadow");
  question.now_us = run.now_us();
  question.workspace = question.default_workspace;
  if (run.has("workspace")) {
    question.workspace = run.take(run.model().workspace(run.one("workspace"), question.account)).id;
  }
  return question;
}

CommandReply role_test(Run& run) {
  const RoleQuestion question = read_question(run);
  if (!run.services().ask_roles) run.refuse("role test is not available here");
  if (run.failed()) return run.refusal();
  const RoleAnswer answer = run.take(run.services().ask_roles(question));
  if (run.failed()) return run.refusal();
  const std::string workspace = answer.workspace ? answer.workspace.hex() : "";
  CommandReply reply;
  reply.text = fmt::format("{}: {}{}\n", answer.allowed ? "allowed" : "denied", answer.rule,
                           workspace.empty() ? "" : ", in workspace " + workspace);
  reply.json = JsonObject()
                   .truth("allowed", answer.allowed)
                   .text("rule", answer.rule)
                   .text_or_null("operation", answer.operation)
                   .text_or_null("workspace", workspace)
                   .str();
  return reply;
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
        kDeny,
        kBy}},
      {"role",
       "update",
       "ROLE",
       "Changes a role; all --allow given replace the old ones, and so with --deny.",
       role_update,
       {kOfAccount, kAllow, kDeny, {"rename", "NAME", "Its new name."}, kBy}},
      {"role",
       "shadow",
       "ROLE",
       "Asks a candidate beside the role; clients see nothing of it.",
       role_shadow,
       {kOfAccount,
        kAllow,
        kDeny,
        {"expires", "TIME", "When it is asked no longer. Default: in 7 days; 90 at most."},
        {"enforce", "", "Makes the candidate what the role permits."},
        {"end", "", "Takes the candidate away."},
        kBy}},
      {"role",
       "test",
       "",
       "Says whether a role or a user may do something, and by which rule.",
       role_test,
       {{"role", "ROLE", "The role."},
        {"user", "USER", "Or the user, with all their roles."},
        {"account", "ACCOUNT", "The account of either, to tell names apart."},
        {"method", "METHOD", "The request's method, like GET."},
        {"path", "PATH", "Its path."},
        {"operation", "OPERATION",
         "Or what it does, like messages.create; rules by path are not "
         "asked then."},
        {"workspace", "WORKSPACE", "In which workspace. Default: the account's default one."},
        {"api", "API", "Which API. Default: the first in the configuration."},
        {"shadow", "", "Asks the candidates of `role shadow` instead."}}},
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
