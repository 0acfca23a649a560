#include <fmt/format.h>

#include "admin/answers.h"
#include "admin/limit_options.h"
#include "admin/verbs.h"
#include "base/encoding.h"
#include "base/time_text.h"

namespace sallyport::admin {
namespace {

// account

CommandReply account_create(Run& run) {
  Account account;
  account.name = run.new_name("account's name", run.subject());
  account.id = make_id<AccountId>(run.random());
  account.created_us = run.now_us();
  if (run.has("time-zone")) account.time_zone = run.one("time-zone");
  if (!is_time_zone(account.time_zone)) {
    run.refuse(
        fmt::format("\"{}\" is no time zone; they are named like Europe/Rome", account.time_zone));
  }
  if (run.model().account(account.name)) {
    run.refuse(fmt::format("an account is named \"{}\" already", account.name));
  }
  Workspace workspace;  // the one behind /messages
  workspace.id = make_id<WorkspaceId>(run.random());
  workspace.account = account.id;
  workspace.project_name = "My Company";
  workspace.is_default = true;
  workspace.created_us = account.created_us;
  return save(run, account, "account.created", account.id, {workspace});
}

// Rates of all its applications together, and the zone of its calendars.
CommandReply account_update(Run& run) {
  Account account = run.take(run.model().account(run.subject()));
  if (!run.has("time-zone") && !run.gives_limits()) {
    run.bad_usage("give at least one of --time-zone, --rate, --burst and --window");
  }
  if (run.has("time-zone")) account.time_zone = run.one("time-zone");
  if (!is_time_zone(account.time_zone)) {
    run.refuse(
        fmt::format("\"{}\" is no time zone; they are named like Europe/Rome", account.time_zone));
  }
  run.read_limits(account.limits, "unlimited");
  return save(run, account, "account.updated", account.id);
}

CommandReply account_list(Run& run) { return list(run, run.model().accounts.all()); }

CommandReply account_show(Run& run) {
  return show(run, run.take(run.model().account(run.subject())));
}

CommandReply account_suspend(Run& run) {
  const Account account = run.take(run.model().account(run.subject()));
  return set_status(run, account, {Status::Active}, Status::Suspended, "account.suspended",
                    account.id);
}

CommandReply account_activate(Run& run) {
  const Account account = run.take(run.model().account(run.subject()));
  return set_status(run, account, {Status::Suspended}, Status::Active, "account.activated",
                    account.id);
}

// developer

CommandReply developer_create(Run& run) {
  Developer developer;
  developer.email = run.new_name("developer's email", run.subject());
  developer.id = make_id<DeveloperId>(run.random());
  developer.created_us = run.now_us();
  if (!is_email(developer.email)) {
    run.refuse(fmt::format("\"{}\" is no email address", developer.email));
  }
  if (run.has("name")) developer.display_name = run.new_name("display name", run.one("name"));
  for (const std::string& reference : run.all("account")) {
    developer.accounts.push_back({run.take(run.model().account(reference)).id, false});
  }
  if (run.model().developer(developer.email)) {
    run.refuse(fmt::format("a developer has the email \"{}\" already", developer.email));
  }
  return save(run, developer, "developer.created", {});
}

CommandReply developer_list(Run& run) { return list(run, run.model().developers.all()); }

CommandReply developer_show(Run& run) {
  return show(run, run.take(run.model().developer(run.subject())));
}

CommandReply developer_disable(Run& run) {
  return set_status(run, run.take(run.model().developer(run.subject())),
                    {Status::Active, Status::Waiting}, Status::Disabled, "developer.disabled", {});
}

CommandReply developer_activate(Run& run) {
  return set_status(run, run.take(run.model().developer(run.subject())),
                    {Status::Waiting, Status::Disabled}, Status::Active, "developer.activated", {});
}

// workspace

CommandReply workspace_create(Run& run) {
  Workspace workspace;
  workspace.project_name = run.new_name("workspace's name", run.subject());
  workspace.id = make_id<WorkspaceId>(run.random());
  workspace.created_us = run.now_us();
  workspace.account = run.account_option();
  if (run.has("number")) workspace.project_number = run.new_name("number", run.one("number"));
  if (run.has("billing")) {
    workspace.billing_cost_centre = run.new_name("billing cost centre", run.one("billing"));
  }
  if (run.failed()) return run.refusal();
  if (run.model().workspace(workspace.project_name, workspace.account)) {
    run.refuse(
        fmt::format("a workspace of the account is named \"{}\" already", workspace.project_name));
  }
  return save(run, workspace, "workspace.created", workspace.account);
}

CommandReply workspace_list(Run& run) {
  const AccountId account = run.account_option();
  return list(run, run.model().workspaces.select(
                       [&](const Workspace& one) { return !account || one.account == account; }));
}

Workspace named_workspace(Run& run) {
  const AccountId account = run.account_option();
  return run.take(run.model().workspace(run.subject(), account));
}

CommandReply workspace_show(Run& run) { return show(run, named_workspace(run)); }

CommandReply workspace_disable(Run& run) {
  const Workspace workspace = named_workspace(run);
  if (workspace.is_default) {
    run.refuse(fmt::format("workspace {} is the default one of its account and stays",
                           label_of(workspace)));
  }
  return set_status(run, workspace, {Status::Active}, Status::Disabled, "workspace.disabled",
                    workspace.account);
}

CommandReply workspace_enable(Run& run) {
  const Workspace workspace = named_workspace(run);
  return set_status(run, workspace, {Status::Disabled}, Status::Active, "workspace.enabled",
                    workspace.account);
}

constexpr OptionInfo kOfAccount{"account", "ACCOUNT", "Only of this account.", false, false};

}  // namespace

namespace {

std::vector<OptionInfo> update_options() {
  auto options = rate_options("Requests per second, or \"unlimited\".",
                              "Requests in any one second. Default: the rate.");
  options.push_back(
      {"time-zone", "ZONE", "Its time zone; quotas follow at the end of their present period."});
  return options;
}

}  // namespace

std::vector<ActionInfo> account_actions() {
  return {
      {"account",
       "create",
       "NAME",
       "Makes an account and its default workspace.",
       account_create,
       {{"time-zone", "ZONE", "Its time zone, like Europe/Rome. Default: UTC."}}},
      {"account", "update", "ACCOUNT",
       "Changes an account's time zone and what all its applications may do together.",
       account_update, update_options()},
      {"account", "list", "", "Lists all accounts.", account_list, {}},
      {"account", "show", "ACCOUNT", "Shows one account.", account_show, {}},
      {"account",
       "suspend",
       "ACCOUNT",
       "Stops every key and user of an account.",
       account_suspend,
       {}},
      {"account",
       "activate",
       "ACCOUNT",
       "Ends the suspension of an account.",
       account_activate,
       {}},
  };
}

std::vector<ActionInfo> developer_actions() {
  return {
      {"developer",
       "create",
       "EMAIL",
       "Records a developer.",
       developer_create,
       {{"name", "NAME", "The name to show."},
        {"account", "ACCOUNT", "An account the developer is a member of. May be repeated.", false,
         true}}},
      {"developer", "list", "", "Lists all developers.", developer_list, {}},
      {"developer", "show", "DEVELOPER", "Shows one developer.", developer_show, {}},
      {"developer",
       "disable",
       "DEVELOPER",
       "Ends a developer's access; keys go on working.",
       developer_disable,
       {}},
      {"developer",
       "activate",
       "DEVELOPER",
       "Gives a developer access again.",
       developer_activate,
       {}},
  };
}

std::vector<ActionInfo> workspace_actions() {
  return {
      {"workspace",
       "create",
       "NAME",
       "Makes a workspace.",
       workspace_create,
       {{"account", "ACCOUNT", "The account it belongs to.", true, false},
        {"number", "TEXT", "Its project number."},
        {"billing", "TEXT", "Its billing cost centre."}}},
      {"workspace", "list", "", "Lists workspaces.", workspace_list, {kOfAccount}},
      {"workspace", "show", "WORKSPACE", "Shows one workspace.", workspace_show, {kOfAccount}},
      {"workspace", "disable", "WORKSPACE", "Closes a workspace.", workspace_disable, {kOfAccount}},
      {"workspace",
       "enable",
       "WORKSPACE",
       "Opens a workspace again.",
       workspace_enable,
       {kOfAccount}},
  };
}

}  // namespace sallyport::admin
