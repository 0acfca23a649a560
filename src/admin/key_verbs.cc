#include <fmt/format.h>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "base/time_text.h"

namespace sallyport::admin {
namespace {

AccountId owner_of(const Run& run, const ApiKey& key) {
  const Subscription* subscription = run.model().subscriptions.find(key.subscription);
  if (subscription == nullptr) return {};
  const Application* application = run.model().applications.find(subscription->application);
  return application == nullptr ? AccountId{} : application->account;
}

void read_validity(Run& run, ApiKey& key) {
  key.not_before_us = run.time("not-before");
  key.expires_us = run.time("expires");
  if (key.expires_us != 0 && key.expires_us <= run.now_us()) {
    run.refuse(fmt::format("the expiry {} is in the past", rfc3339_seconds(key.expires_us)));
  }
  if (key.expires_us != 0 && key.not_before_us >= key.expires_us) {
    run.refuse(fmt::format("the key would expire at {}, before it is valid at {}",
                           rfc3339_seconds(key.expires_us), rfc3339_seconds(key.not_before_us)));
  }
}

CommandReply key_create(Run& run) {
  ApiKey key;
  const Subscription subscription = run.take(run.model().subscription(run.one("subscription")));
  read_validity(run, key);
  key.allowed_networks = run.networks("network");
  if (run.has("note")) key.note = run.new_name("note", run.one("note"));
  if (subscription.status == Status::Ended) {
    run.refuse(fmt::format("subscription {} is ended, and that is final", label_of(subscription)));
  }
  if (run.failed()) return run.refusal();
  NewKey made = run.take(run.services().generate_key(subscription.environment));
  key.id = made.id;
  key.digest = made.digest;
  key.hint = made.hint;
  key.subscription = subscription.id;
  key.environment = subscription.environment;
  key.created_us = run.now_us();
  CommandReply reply = save(run, key, "key.created", owner_of(run, key));
  if (reply.exit_code != kDone) return reply;
  reply.text +=
      fmt::format("{}\nThis is the only time that the key is shown.\n", made.text.reveal());
  Fields fields = describe(key, run.model());
  fields.push_back({"key", "", json_string(made.text.reveal()), false});
  reply.json = to_json(fields);
  return reply;
}

CommandReply key_list(Run& run) {
  const SubscriptionId subscription =
      run.has("subscription") ? run.take(run.model().subscription(run.one("subscription"))).id
                              : SubscriptionId{};
  return list(run, run.model().keys.select([&](const ApiKey& one) {
    return !subscription || one.subscription == subscription;
  }));
}

ApiKey named_key(Run& run) { return run.take(run.model().key(run.subject())); }

CommandReply key_show(Run& run) { return show(run, named_key(run)); }

CommandReply key_disable(Run& run) {
  const ApiKey key = named_key(run);
  return set_status(run, key, {Status::Active, Status::Waiting}, Status::Disabled, "key.disabled",
                    owner_of(run, key));
}

CommandReply key_enable(Run& run) {
  const ApiKey key = named_key(run);
  return set_status(run, key, {Status::Disabled, Status::Waiting}, Status::Active, "key.enabled",
                    owner_of(run, key));
}

CommandReply key_revoke(Run& run) {
  const ApiKey key = named_key(run);
  return set_status(run, key,
                    {Status::Active, Status::Waiting, Status::Unclaimed, Status::Disabled},
                    Status::Revoked, "key.revoked", owner_of(run, key));
}

}  // namespace

std::vector<ActionInfo> key_actions() {
  return {
      {"key",
       "create",
       "",
       "Makes a key and shows it, this once.",
       key_create,
       {{"subscription", "SUBSCRIPTION",
         "The subscription, by its id or by an application that has only one.", true, false},
        {"not-before", "TIME", "From when it is valid: 2027-01-31 or 2027-01-31T12:00:00Z."},
        {"expires", "TIME", "When it ends."},
        {"network", "CIDR", "Where it may be used from, like 192.0.2.0/24. May be repeated.", false,
         true},
        {"note", "TEXT", "A note to find it again by."}}},
      {"key",
       "list",
       "",
       "Lists keys.",
       key_list,
       {{"subscription", "SUBSCRIPTION", "Only of this subscription."}}},
      {"key",
       "show",
       "KEY-ID",
       "Shows what is known of one key, not the key itself.",
       key_show,
       {}},
      {"key", "disable", "KEY-ID", "Stops a key until it is enabled.", key_disable, {}},
      {"key", "enable", "KEY-ID", "Lets a disabled or waiting key work.", key_enable, {}},
      {"key", "revoke", "KEY-ID", "Ends a key for good.", key_revoke, {}},
  };
}

}  // namespace sallyport::admin
