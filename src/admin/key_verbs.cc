#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/key_choice.h"
#include "admin/key_import.h"
#include "admin/key_terms.h"
#include "admin/verbs.h"
#include "base/time_text.h"

namespace sallyport::admin {
namespace {

constexpr std::int64_t kOverlap_us = 24LL * 3'600 * 1'000'000;

AccountId owner_of(const Run& run, const ApiKey& key) {
  const Subscription* subscription = run.model().subscriptions.find(key.subscription);
  return subscription == nullptr ? AccountId{} : key_terms(run.model(), *subscription).account;
}

KeyTerms terms_of(Run& run, const ApiKey& key) {
  const Subscription* subscription = run.model().subscriptions.find(key.subscription);
  return subscription == nullptr ? KeyTerms{} : key_terms(run.model(), *subscription);
}

void check(Run& run, std::string problem) {
  if (!problem.empty()) run.refuse(std::move(problem));
}

// What `create` and `update` set alike. "never" and "everywhere" take away what was there.
void read_key(Run& run, ApiKey& key, const KeyTerms& terms) {
  if (run.has("not-before")) key.not_before_us = run.time("not-before");
  if (run.has("expires")) {
    key.expires_us = run.one("expires") == "never" ? 0 : run.time("expires");
  }
  if (run.has("network")) {
    const bool everywhere = run.all("network") == std::vector<std::string>{"everywhere"};
    key.allowed_networks = everywhere ? std::vector<Network>{} : run.networks("network");
  }
  if (run.has("note")) key.note = run.new_name("note", run.one("note"));
  if (run.has("quota") && !run.has("quota-period") && !key.limits.quota) {
    key.limits.quota_period = terms.limits.quota_period;
  }
  run.read_limits(key.limits, "subscription");
  check(run, limits_problem(key.limits, terms));
}

// The reply of a key that is shown this once.
CommandReply shown_once(const Run& run, CommandReply reply, const ApiKey& key, const NewKey& made) {
  reply.text +=
      fmt::format("{}\nThis is the only time that the key is shown.\n", made.text.reveal());
  Fields fields = describe(key, run.model());
  fields.push_back({"key", "", json_string(made.text.reveal()), false});
  reply.json = to_json(fields);
  return reply;
}

void take_in(ApiKey& key, const NewKey& made) {
  key.id = made.id;
  key.digest = made.digest;
  key.hint = made.hint;
}

CommandReply key_create(Run& run) {
  ApiKey key;
  const Subscription subscription = run.take(run.model().subscription(run.one("subscription")));
  if (run.failed()) return run.refusal();
  const KeyTerms terms = key_terms(run.model(), subscription);
  read_key(run, key, terms);
  check(run, settle_validity(key, terms, run.now_us()));
  check(run, ended_problem(terms));
  if (terms.most_keys) {
    check(run, too_many_problem(terms, keys_in_use(run.model(), terms, run.now_us())));
  }
  if (run.failed()) return run.refusal();
  const NewKey made = run.take(run.services().generate_key(subscription.environment));
  take_in(key, made);
  key.subscription = subscription.id;
  key.environment = subscription.environment;
  key.created_us = run.now_us();
  // A subscription that waits is reviewed together with its keys.
  const bool waits = run.has("waiting") || subscription.status == Status::Waiting;
  key.status = waits ? Status::Waiting : Status::Active;
  CommandReply reply = save(run, key, "key.created", terms.account);
  if (reply.exit_code != kDone) return reply;
  if (waits) reply.text += "It waits for review.\n";
  return shown_once(run, std::move(reply), key, made);
}

CommandReply key_list(Run& run) {
  const KeyChoice choice = read_choice(run);
  if (run.failed()) return run.refusal();
  return list(run, chosen_keys(run.model(), choice));
}

ApiKey named_key(Run& run) { return run.take(run.model().key(run.subject())); }

CommandReply key_show(Run& run) { return show(run, named_key(run)); }

std::vector<OptionInfo> key_options() {
  return {{"not-before", "TIME", "From when it is valid: 2027-01-31 or 2027-01-31T12:00:00Z."},
          {"expires", "TIME", "When it ends; \"never\" if its plan sets no lifetime."},
          {"network", "CIDR",
           "Where it may be used from, like 192.0.2.0/24, or \"everywhere\". May be repeated.",
           false, true},
          {"note", "TEXT", "A note to find it again by."},
          {"rate", "NUMBER", "Requests per second, below the subscription's."},
          {"burst", "NUMBER", "Requests in any one second. Default: the rate."},
          {"quota", "NUMBER", "Requests per period, below the subscription's."},
          {"quota-period", "PERIOD", "minute, hour, day or month. Default: the subscription's."}};
}

CommandReply key_update(Run& run) {
  ApiKey key = named_key(run);
  const auto options = key_options();
  if (std::ranges::none_of(options, [&](const OptionInfo& one) { return run.has(one.name); })) {
    run.bad_usage(
        "give what is to change: --not-before, --expires, --network, --note, --rate, ...");
  }
  const KeyTerms terms = terms_of(run, key);
  read_key(run, key, terms);
  if (run.has("expires") || run.has("not-before")) {
    check(run, settle_validity(key, terms, run.now_us()));
  }
  if (key.status == Status::Revoked) {
    run.refuse(fmt::format("key {} is revoked, and that is final", label_of(key)));
  }
  return save(run, key, "key.updated", terms.account);
}

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

CommandReply key_approve(Run& run) {
  const ApiKey key = named_key(run);
  return set_status(run, key, {Status::Waiting}, Status::Active, "key.approved",
                    owner_of(run, key));
}

// A new key beside the old one, with all that the old one has; the old one ends after the overlap.
CommandReply key_rotate(Run& run) {
  ApiKey old = named_key(run);
  const KeyTerms terms = terms_of(run, old);
  const std::int64_t overlap_us = run.duration_us("overlap", kOverlap_us);
  const std::int64_t now_us = run.now_us();
  check(run, ended_problem(terms));
  if (old.status != Status::Active && !run.failed()) {
    run.refuse(fmt::format("key {} is {}; only one that is active can be rotated", label_of(old),
                           to_string(old.status)));
  } else if (old.expires_us != 0 && old.expires_us <= now_us && !run.failed()) {
    run.refuse(fmt::format("key {} has expired; make a new one", label_of(old)));
  }
  if (run.failed()) return run.refusal();
  ApiKey fresh = old;
  fresh.last_used_us = 0;
  fresh.created_us = now_us;
  fresh.weak = false;
  if (run.has("expires")) {
    fresh.expires_us = run.time("expires");
  } else if (old.expires_us != 0) {
    fresh.expires_us = now_us + (old.expires_us - std::max(old.created_us, old.not_before_us));
  }
  fresh.not_before_us = 0;
  check(run, settle_validity(fresh, terms, now_us));
  if (run.failed()) return run.refusal();
  const NewKey made = run.take(run.services().generate_key(old.environment));
  take_in(fresh, made);
  const std::int64_t ends_us = now_us + overlap_us;
  if (overlap_us == 0) {
    old.status = Status::Revoked;
  } else if (old.expires_us == 0 || old.expires_us > ends_us) {
    old.expires_us = ends_us;
  }
  Change change = change_of(run, fresh, "key.created", terms.account);
  Change of_old =
      change_of(run, old, overlap_us == 0 ? "key.revoked" : "key.rotated", terms.account);
  change.put.push_back(std::move(of_old.put.front()));
  change.events.push_back(std::move(of_old.events.front()));
  change.audit.json =
      JsonObject().raw("new", change.audit.json).raw("old", of_old.audit.json).str();
  if (auto failed = run.commit(std::move(change))) return *failed;
  CommandReply reply = reply_of(run, fresh, "key.created");
  reply.text += overlap_us == 0 ? fmt::format("key {} is revoked\n", label_of(old))
                                : fmt::format("key {} works until {}\n", label_of(old),
                                              rfc3339_seconds(old.expires_us));
  return shown_once(run, std::move(reply), fresh, made);
}

CommandReply key_revoke(Run& run) {
  if (!run.subject().empty()) {
    if (run.has("subscription") || run.has("application") || run.has("account")) {
      run.bad_usage("give a key's id, or --subscription, --application or --account, not both");
      return run.refusal();
    }
    const ApiKey key = named_key(run);
    return set_status(run, key,
                      {Status::Active, Status::Waiting, Status::Unclaimed, Status::Disabled},
                      Status::Revoked, "key.revoked", owner_of(run, key));
  }
  return revoke_chosen(run);
}

std::vector<OptionInfo> create_options() {
  std::vector<OptionInfo> options = {
      {"subscription", "SUBSCRIPTION",
       "The subscription, by its id or by an application that has only one.", true, false}};
  std::ranges::move(key_options(), std::back_inserter(options));
  options.push_back({"waiting", "", "It waits until somebody approves it."});
  return options;
}

}  // namespace

std::vector<ActionInfo> key_actions() {
  std::vector<ActionInfo> all = {
      {"key", "create", "", "Makes a key and shows it, this once.", key_create, create_options()},
      {"key", "list", "", "Lists keys.", key_list, list_options()},
      {"key",
       "show",
       "KEY-ID",
       "Shows what is known of one key, not the key itself.",
       key_show,
       {}},
      {"key", "update", "KEY-ID", "Changes what is given, and nothing else.", key_update,
       key_options()},
      {"key", "approve", "KEY-ID", "Lets a waiting key work.", key_approve, {}},
      {"key", "disable", "KEY-ID", "Stops a key until it is enabled.", key_disable, {}},
      {"key", "enable", "KEY-ID", "Lets a disabled or waiting key work.", key_enable, {}},
      {"key",
       "rotate",
       "KEY-ID",
       "Makes a key that replaces another, and shows it, this once; for a time both work.",
       key_rotate,
       {{"overlap", "TIME",
         "How long the old one goes on: 30m, 24h, 7d; 0s ends it at once. "
         "Default: 24h."},
        {"expires", "TIME", "When the new one ends. Default: it lives as long as the old one."}}},
      {"key", "revoke", "KEY-ID", "Ends a key for good, or every key of somebody.", key_revoke,
       revoke_options()},
  };
  all.back().subject_optional = true;
  all.back().rows = RowInput::Ids;
  all.push_back(key_import_action());
  return all;
}

}  // namespace sallyport::admin
