#include "admin/verbs.h"

#include <algorithm>
#include <iterator>

namespace sallyport::admin {

const std::vector<VerbInfo>& entity_verbs() {
  static const std::vector<VerbInfo> kVerbs = {
      {"account", "Tenants: each owns applications, users, workspaces and messages."},
      {"developer", "People who register applications."},
      {"application", "Programs that call the API, each with keys of its own."},
      {"plan", "What subscriptions may do: rate, quota, and which operations are open."},
      {"subscription", "An application's use of a plan; all its keys share one set of limits."},
      {"key", "API keys. The key itself is shown once and never again."},
      {"grant", "Leave for an application to act for users of another account."},
      {"user", "People who sign in at the second door, with user name and password."},
      {"role", "What users may do: operations or paths, allowed and denied."},
      {"workspace", "Parts of an account that messages belong to."},
      {"quota", "What is used and left of quotas; an operator's resets and grants."},
      {"usage", "Who used what: by application, operation and day."},
      {"sender", "What an account may send from: domains, addresses, names for SMS."},
      {"queue", "What waits to be delivered, and what could not be."},
      {"message", "The story of one message, and what is kept about one person."},
      {"explain", "Says what each check answers to a request, and why; touches no counter."},
      {"audit", "The record of administrative changes."},
      {"reload", "Has the running server read its configuration and certificates again."},
      {"secrets", "What lies in DIR/secrets: the keys that sign tokens."},
      {"export", "Prints all entities as a document for `apply`."},
      {"apply", "Makes the entities as a document says, all of it or nothing."},
  };
  return kVerbs;
}

const std::vector<ActionInfo>& actions() {
  static const std::vector<ActionInfo> kActions = [] {
    std::vector<ActionInfo> all;
    for (auto of_verb :
         {account_actions, developer_actions, application_actions, plan_actions,
          subscription_actions, key_actions, grant_actions, user_actions, role_actions,
          workspace_actions, sender_actions, queue_actions, message_actions, quota_actions,
          usage_actions, audit_actions, secrets_actions, reload_actions, document_actions}) {
      std::ranges::move(of_verb(), std::back_inserter(all));
    }
    return all;
  }();
  return kActions;
}

const ActionInfo* find_action(std::string_view verb, std::string_view action) {
  const auto found = std::ranges::find_if(
      actions(), [&](const ActionInfo& one) { return one.verb == verb && one.action == action; });
  return found == actions().end() ? nullptr : &*found;
}

const std::vector<std::string_view>& reserved_verbs() {
  static const std::vector<std::string_view> kReserved = {"admin", "import", "completion"};
  return kReserved;
}

}  // namespace sallyport::admin
