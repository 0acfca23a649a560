#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/verbs.h"

namespace sallyport::admin {
namespace {

// application

Application named_application(Run& run) {
  const AccountId account = run.account_option();
  return run.take(run.model().application(run.subject(), account));
}

CommandReply application_create(Run& run) {
  Application application;
  application.name = run.new_name("application's name", run.subject());
  application.id = make_id<ApplicationId>(run.random());
  application.created_us = run.now_us();
  application.created_by = run.actor();
  application.account = run.account_option();
  if (run.has("description")) {
    application.description = run.new_name("description", run.one("description"));
  }
  if (run.failed()) return run.refusal();
  if (run.model().application(application.name, application.account)) {
    run.refuse(
        fmt::format("an application of the account is named \"{}\" already", application.name));
  }
  return save(run, application, "application.created", application.account);
}

CommandReply application_list(Run& run) {
  const AccountId account = run.account_option();
  return list(run, run.model().applications.select(
                       [&](const Application& one) { return !account || one.account == account; }));
}

CommandReply application_show(Run& run) { return show(run, named_application(run)); }

CommandReply application_disable(Run& run) {
  const Application application = named_application(run);
  return set_status(run, application, {Status::Active}, Status::Disabled, "application.disabled",
                    application.account);
}

CommandReply application_enable(Run& run) {
  const Application application = named_application(run);
  return set_status(run, application, {Status::Disabled}, Status::Active, "application.enabled",
                    application.account);
}

// Takes subscriptions, keys and grants along.
CommandReply application_delete(Run& run) {
  const Application application = named_application(run);
  if (run.failed()) return run.refusal();
  Change change = change_of(run, application, "application.deleted", application.account);
  change.put.clear();
  std::size_t keys = 0;
  for (const Subscription* subscription : run.model().subscriptions.select(
           [&](const Subscription& one) { return one.application == application.id; })) {
    for (const ApiKey* key : run.model().keys.of(subscription->id)) {
      change.remove.emplace_back(*key);
      ++keys;
    }
    change.remove.emplace_back(*subscription);
  }
  for (const Grant* grant : run.model().grants.select(
           [&](const Grant& one) { return one.application == application.id; })) {
    change.remove.emplace_back(*grant);
  }
  change.remove.emplace_back(application);
  const std::string json = to_json(describe(application, run.model()));
  if (auto failed = run.commit(std::move(change))) return *failed;
  return {kDone,
          fmt::format("application {} deleted, with {} key{}\n", application.id.hex(), keys,
                      keys == 1 ? "" : "s"),
          json, ""};
}

// grant

CommandReply grant_create(Run& run) {
  Grant grant;
  grant.id = make_id<GrantId>(run.random());
  grant.created_us = run.now_us();
  grant.granted_by = run.actor();
  const Application application = run.take(run.model().application(run.one("application")));
  grant.application = application.id;
  grant.account = run.account_option();
  for (const std::string& reference : run.all("role")) {
    grant.role_ceiling.push_back(run.take(run.model().role(reference, grant.account)).id);
  }
  if (run.failed()) return run.refusal();
  if (application.account == grant.account) {
    run.refuse(fmt::format("application {} belongs to that account: its keys open it already",
                           label_of(application)));
  }
  const auto present = run.model().grants.select([&](const Grant& one) {
    return one.application == grant.application && one.account == grant.account &&
           one.status == Status::Active;
  });
  if (!present.empty()) {
    run.refuse(fmt::format("grant {} gives that already", label_of(*present.front())));
  }
  return save(run, grant, "grant.created", grant.account);
}

CommandReply grant_list(Run& run) { return list(run, run.model().grants.all()); }

CommandReply grant_revoke(Run& run) {
  const Grant grant = run.take(run.model().grant(run.subject()));
  return set_status(run, grant, {Status::Active}, Status::Revoked, "grant.revoked", grant.account);
}

constexpr OptionInfo kOfAccount{"account", "ACCOUNT", "Only of this account.", false, false};

}  // namespace

std::vector<ActionInfo> application_actions() {
  return {
      {"application",
       "create",
       "NAME",
       "Registers an application.",
       application_create,
       {{"account", "ACCOUNT", "The account it belongs to.", true, false},
        {"description", "TEXT", "What it is for."}}},
      {"application", "list", "", "Lists applications.", application_list, {kOfAccount}},
      {"application",
       "show",
       "APPLICATION",
       "Shows one application.",
       application_show,
       {kOfAccount}},
      {"application",
       "disable",
       "APPLICATION",
       "Stops every key of an application.",
       application_disable,
       {kOfAccount}},
      {"application",
       "enable",
       "APPLICATION",
       "Lets its keys work again.",
       application_enable,
       {kOfAccount}},
      {"application",
       "delete",
       "APPLICATION",
       "Deletes an application with its subscriptions, keys and grants.",
       application_delete,
       {kOfAccount}},
  };
}

std::vector<ActionInfo> grant_actions() {
  return {
      {"grant",
       "create",
       "",
       "Lets an application act for users of another account.",
       grant_create,
       {{"application", "APPLICATION", "The application.", true, false},
        {"account", "ACCOUNT", "The account that grants it.", true, false},
        {"role", "ROLE", "The most it may do; default: what the user may. May be repeated.", false,
         true}}},
      {"grant", "list", "", "Lists all grants.", grant_list, {}},
      {"grant", "revoke", "GRANT", "Ends a grant, at once and for good.", grant_revoke, {}},
  };
}

}  // namespace sallyport::admin
