#include "admin/document_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/bounds.h"
#include "admin/entity_text.h"
#include "admin/key_terms.h"
#include "auth/password_format.h"
#include "auth/username.h"
#include "base/time_text.h"

namespace sallyport::admin {
namespace {

constexpr std::int64_t kDay_us = 86'400'000'000;

void need(FieldReader& reader, const char* field, bool is_there) {
  if (!is_there) reader.problem(reader.place_of(field), fmt::format("{} is missing", field));
}

// Whose an entity is does not change: others refer to it as their own.
template <class T>
void stays(FieldReader& reader, const char* field, const T* before, const T& now,
           std::string_view rule) {
  if (before != nullptr && *before != now) {
    reader.problem(reader.place_of(field), std::string(rule));
  }
}

template <class T, class Member>
const Member* of(const T* before, Member T::* member) {
  return before == nullptr ? nullptr : &(before->*member);
}

}  // namespace

void DocumentRules::check_name(FieldReader& reader, const char* field, std::string_view what,
                               const std::string& name, bool optional) {
  if (optional && name.empty()) return;
  Run probe = run_.probe();
  probe.new_name(what, name);
  if (probe.failed()) reader.problem(reader.place_of(field), probe.refusal().error);
}

void DocumentRules::check(const Account* /*before*/, Account& account, FieldReader& reader) {
  check_name(reader, "name", "account's name", account.name);
  if (!is_time_zone(account.time_zone)) {
    reader.problem(
        reader.place_of("time_zone"),
        fmt::format("\"{}\" is no time zone; they are named like Europe/Rome", account.time_zone));
  }
}

void DocumentRules::check(const Workspace* before, Workspace& workspace, FieldReader& reader) {
  need(reader, "account", bool(workspace.account));
  check_name(reader, "name", "workspace's name", workspace.project_name);
  stays(reader, "account", of(before, &Workspace::account), workspace.account,
        "a workspace stays in its account");
  if (workspace.is_default && workspace.status != Status::Active) {
    reader.problem(reader.place_of("status"), "the default workspace of an account stays active");
  }
  if (before == nullptr ? workspace.is_default : workspace.is_default != before->is_default) {
    moved_defaults_.emplace_back(reader.place_of("default"), workspace.account);
  }
}

bool DocumentRules::has_default_workspace(AccountId account) const {
  return names_.workspaces.count(
             [&](const Workspace& one) { return one.account == account && one.is_default; }) != 0;
}

void DocumentRules::check_default_workspaces(DocumentProblems& problems) const {
  for (const auto& [place, account] : moved_defaults_) {
    const std::size_t defaults = names_.workspaces.count(
        [&](const Workspace& one) { return one.account == account && one.is_default; });
    if (defaults == 1) continue;
    problems.push_back(
        {place, fmt::format("the account would have {} default workspaces; it has one", defaults)});
  }
}

void DocumentRules::check(const Role* before, Role& role, FieldReader& reader) {
  check_name(reader, "name", "role's name", role.name);
  if (role.name.find('@') != std::string::npos) {
    reader.problem(reader.place_of("name"), "a role's name must not hold an @");
  }
  stays(reader, "account", of(before, &Role::account), role.account,
        "a role stays in its account, or of the whole installation");
  if (role.shadow_until_us == 0 && !role.shadow.empty()) {
    reader.problem(reader.place_of("shadow_allow"),
                   "a candidate needs a shadow_until: it ends by itself");
  }
  const bool new_end = before == nullptr || before->shadow_until_us != role.shadow_until_us;
  if (new_end && role.shadow_until_us > run_.now_us() + kMostShadowDays * kDay_us) {
    reader.problem(reader.place_of("shadow_until"),
                   fmt::format("a candidate is asked for {} days at most", kMostShadowDays));
  }
}

void DocumentRules::check(const Plan* before, Plan& plan, FieldReader& reader) {
  check_name(reader, "name", "plan's name", plan.name);
  if (plan.priority < -kMostPriority || plan.priority > kMostPriority) {
    reader.problem(reader.place_of("priority"),
                   fmt::format("priority must be a number from -{0} to {0}", kMostPriority));
  }
  if (plan.key_lifetime_days == 0U && (before == nullptr || before->key_lifetime_days != 0U)) {
    reader.problem(reader.place_of("key_lifetime_days"),
                   "key_lifetime_days must be 1 or more: a key needs time to live");
  }
}

void DocumentRules::check(const Developer* before, Developer& developer, FieldReader& reader) {
  check_name(reader, "email", "developer's email", developer.email);
  if ((before == nullptr || before->email != developer.email) && !is_email(developer.email)) {
    reader.problem(reader.place_of("email"),
                   fmt::format("\"{}\" is no email address", developer.email));
  }
}

void DocumentRules::check(const Application* before, Application& application,
                          FieldReader& reader) {
  need(reader, "account", bool(application.account));
  check_name(reader, "name", "application's name", application.name);
  stays(reader, "account", of(before, &Application::account), application.account,
        "an application stays in its account");
}

void DocumentRules::check(const Subscription* before, Subscription& subscription,
                          FieldReader& reader) {
  need(reader, "application", bool(subscription.application));
  need(reader, "plan", bool(subscription.plan));
  stays(reader, "application", of(before, &Subscription::application), subscription.application,
        "a subscription stays with its application");
  stays(reader, "environment", of(before, &Subscription::environment), subscription.environment,
        "a subscription stays in its environment: its keys are made for it");
  if (subscription.ends_us != 0 && subscription.ends_us <= subscription.starts_us) {
    reader.problem(reader.place_of("ends"), "the subscription would end before it begins");
  }
}

void DocumentRules::check(const User* before, User& user, FieldReader& reader) {
  need(reader, "account", bool(user.account));
  if (const auto named = auth::check_username(user.username); !named) {
    reader.problem(reader.place_of("username"), named.error().message);
  }
  check_name(reader, "first_name", "first name", user.first_name, true);
  check_name(reader, "last_name", "last name", user.last_name, true);
  stays(reader, "account", of(before, &User::account), user.account,
        "a user stays in their account");
  const bool new_verifier = before == nullptr || before->verifier != user.verifier;
  if (reader.has("verifier") && new_verifier) {
    if (const auto format = auth::read_format(user.verifier); !format) {
      reader.problem(reader.place_of("verifier"),
                     fmt::format("verifier: {}", format.error().message));
    }
  }
  if (before == nullptr && user.verifier.empty()) {
    // Nobody knows it, so nobody signs in with it.
    Run probe = run_.probe();
    user.verifier = probe.take(run_.services().generate_password()).verifier;
    notes_.push_back(
        fmt::format("{} {} is new and has no password yet: set one with `sallyport user password`",
                    kind_of(user), label_of(user)));
  }
  const bool renewed = before != nullptr && (new_verifier || before->status != user.status);
  if (renewed) ++user.security_version;
}

void DocumentRules::check(const ApiKey* before, ApiKey& key, FieldReader& reader) {
  need(reader, "subscription", bool(key.subscription));
  if (before == nullptr && (!reader.has("digest") || !reader.has("id"))) {
    reader.problem(reader.place(),
                   "a key that is not there yet needs its id and its digest: make it with "
                   "`sallyport key create`, or export it with --with-verifiers");
  }
  if (before != nullptr && before->digest != key.digest) {
    reader.problem(reader.place_of("digest"), "a key's digest never changes");
  }
  stays(reader, "subscription", of(before, &ApiKey::subscription), key.subscription,
        "a key stays with its subscription");
  const Subscription* subscription = names_.subscriptions.find(key.subscription);
  if (subscription != nullptr && subscription->environment != key.environment) {
    reader.problem(reader.place_of("environment"),
                   fmt::format("the key is {}, its subscription {}", to_string(key.environment),
                               to_string(subscription->environment)));
  }
  check_key_terms(before, key, reader);
}

// Of what changes only: a key keeps what its plan allowed when it was made.
void DocumentRules::check_key_terms(const ApiKey* before, const ApiKey& key, FieldReader& reader) {
  if (key.expires_us != 0 && key.not_before_us >= key.expires_us &&
      (before == nullptr || before->expires_us != key.expires_us ||
       before->not_before_us != key.not_before_us)) {
    reader.problem(
        reader.place_of("expires"),
        fmt::format("the key would expire at {}, before it is valid at {}",
                    rfc3339_seconds(key.expires_us), rfc3339_seconds(key.not_before_us)));
  }
  const Subscription* subscription = names_.subscriptions.find(key.subscription);
  if (before == nullptr || subscription == nullptr) return;
  const KeyTerms terms = key_terms(names_, *subscription);
  if (before->limits != key.limits) {
    if (const std::string rule = limits_problem(key.limits, terms); !rule.empty()) {
      reader.problem(
          reader.place_of(before->limits.quota != key.limits.quota ? "quota" : "rate_per_second"),
          rule);
    }
  }
  const std::int64_t last_us = std::max(run_.now_us(), key.not_before_us) + terms.lifetime_us;
  if (terms.lifetime_us != 0 && before->expires_us != key.expires_us &&
      (key.expires_us == 0 || key.expires_us > last_us)) {
    reader.problem(reader.place_of("expires"),
                   fmt::format("the key must expire by {}: the plan lets a key live for {} days",
                               rfc3339_seconds(last_us), terms.lifetime_us / kDay_us));
  }
}

void DocumentRules::check(const Grant* before, Grant& grant, FieldReader& reader) {
  need(reader, "application", bool(grant.application));
  need(reader, "account", bool(grant.account));
  stays(reader, "application", of(before, &Grant::application), grant.application,
        "a grant stays with its application");
  stays(reader, "account", of(before, &Grant::account), grant.account,
        "a grant stays with the account that gave it");
  if (grant.granted_by.empty()) grant.granted_by = run_.actor();
  if (before != nullptr || grant.status != Status::Active) return;
  const Application* application = names_.applications.find(grant.application);
  if (application != nullptr && application->account == grant.account) {
    reader.problem(reader.place_of("account"),
                   fmt::format("application {} belongs to that account: its keys open it already",
                               label_of(*application)));
  }
  const auto same = names_.grants.select([&](const Grant& one) {
    return one.id != grant.id && one.application == grant.application &&
           one.account == grant.account && one.status == Status::Active;
  });
  if (!same.empty()) {
    reader.problem(reader.place(), fmt::format("grant {} gives that already", label_of(*same[0])));
  }
}

}  // namespace sallyport::admin
