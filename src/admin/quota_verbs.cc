#include <fmt/format.h>

#include <charconv>
#include <string>
#include <vector>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "base/time_text.h"
#include "limit/scope.h"

namespace sallyport::admin {
namespace {

constexpr std::uint64_t kMostGranted = 1'000'000'000'000'000;

// One quota that counts for a subscription.
struct Counted {
  std::string scope;  // as in limit/quota_store.h
  std::string name;   // for people: "subscription", "messaging/messages.create", "key 0123..."
  Limits limits;
};

ZoneId zone_of(const Model& model, const Subscription& subscription) {
  const Application* application = model.applications.find(subscription.application);
  const Account* account =
      application == nullptr ? nullptr : model.accounts.find(application->account);
  return account == nullptr ? kUtc : find_zone(account->time_zone).value_or(kUtc);
}

AccountId account_of(const Model& model, const Subscription& subscription) {
  const Application* application = model.applications.find(subscription.application);
  return application == nullptr ? AccountId{} : application->account;
}

std::vector<Counted> quotas_of(const Model& model, const Subscription& subscription) {
  std::vector<Counted> quotas;
  const ZoneId zone = zone_of(model, subscription);
  const auto add = [&](std::string scope, std::string name, Limits limits) {
    if (!limits.quota) return;
    if (!limits.quota_zone) limits.quota_zone = zone;
    quotas.push_back({std::move(scope), std::move(name), limits});
  };
  const Plan* plan = model.plans.find(subscription.plan);
  if (plan == nullptr) return quotas;
  add("", "subscription", limit::resolved(plan->limits, &subscription.overrides));
  for (const PlanOpening& opening : plan->opens) {
    std::string scope;
    limit::append_scope(scope, opening.match);
    add(scope, scope, opening.own);
  }
  for (const ApiKey* key : model.keys.of(subscription.id)) {
    add("key:" + key->id.hex(), "key " + key->id.hex(), key->limits);
  }
  return quotas;
}

limit::QuotaLook look(Run& run, const Subscription& subscription, const Counted& counted) {
  if (!run.services().look_at_quota) {
    run.refuse("quotas cannot be looked at here");
    return {};
  }
  return run.take(run.services().look_at_quota(subscription.id, counted.scope, counted.limits));
}

Fields describe(const Counted& counted, const limit::QuotaLook& look) {
  const std::uint64_t most = *counted.limits.quota + look.granted;
  const auto number = [](std::string name, std::uint64_t value) {
    return Field{std::move(name), std::to_string(value), std::to_string(value), true};
  };
  const auto text = [](std::string name, std::string value, bool listed) {
    std::string json = json_string(value);
    return Field{std::move(name), std::move(value), std::move(json), listed};
  };
  const std::string zone(zone_name(look.zone));
  return {text("of", counted.name, true),
          text("period", std::string(to_string(look.period)), true),
          number("quota", *counted.limits.quota),
          number("granted", look.granted),
          number("used", look.used),
          number("left", look.used >= most ? 0 : most - look.used),
          text("time_zone", zone, false),
          text("began", iso8601_in_zone(look.start_us, zone), false),
          text("resets", iso8601_in_zone(look.end_us, zone), true)};
}

CommandReply quota_show(Run& run) {
  const Subscription subscription = run.take(run.model().subscription(run.subject()));
  if (run.failed()) return run.refusal();
  std::vector<Fields> rows;
  for (const Counted& counted : quotas_of(run.model(), subscription)) {
    rows.push_back(describe(counted, look(run, subscription, counted)));
    if (run.failed()) return run.refusal();
  }
  return {kDone, to_table(rows), to_json_array(rows), ""};
}

// Which of its quotas is meant: --operation, --key, or its own.
Counted named_quota(Run& run, const Subscription& subscription) {
  std::string scope = run.one("operation");
  if (run.has("key")) scope = "key:" + run.take(run.model().key(run.one("key"))).id.hex();
  const auto quotas = quotas_of(run.model(), subscription);
  std::string names;
  for (const Counted& one : quotas) {
    if (one.scope == scope) return one;
    names += (names.empty() ? "" : ", ") + one.name;
  }
  run.refuse(fmt::format("subscription {} has no such quota; it has: {}", label_of(subscription),
                         names.empty() ? "none" : names));
  return {};
}

CommandReply change_quota(Run& run, std::uint64_t granted, bool reset, std::string_view event) {
  const Subscription subscription = run.take(run.model().subscription(run.subject()));
  if (run.failed()) return run.refusal();
  const Counted counted = named_quota(run, subscription);
  if (run.failed()) return run.refusal();
  limit::QuotaLook now = look(run, subscription, counted);
  if (run.failed()) return run.refusal();
  if (granted > kMostGranted - now.granted) run.refuse("more than can be granted in one period");
  if (run.failed()) return run.refusal();
  const std::uint64_t used_before = now.used;
  now.granted += granted;
  if (reset) {
    now.used = 0;
    ++now.epoch;
  }
  const Fields fields = describe(counted, now);
  Change change;
  change.quotas.push_back({subscription.id, counted.scope, now.period, now.anchor, now.zone,
                           now.start_us, now.end_us, now.granted, now.epoch, reset});
  const std::string subject = fmt::format("subscription {}", subscription.id.hex());
  const std::string json = JsonObject()
                               .raw("quota", to_json(fields))
                               .number("used_before", static_cast<std::int64_t>(used_before))
                               .number("granted_now", static_cast<std::int64_t>(granted))
                               .str();
  change.events.push_back(
      {std::string(event), subject, account_of(run.model(), subscription), json, run.now_us()});
  change.audit.subject = subject;
  change.audit.json = json;
  if (auto failed = run.commit(std::move(change))) return *failed;
  return {kDone, to_lines(fields), to_json(fields), ""};
}

CommandReply quota_reset(Run& run) { return change_quota(run, 0, true, "quota.reset"); }

CommandReply quota_grant(Run& run) {
  const std::string text = run.one("amount");
  std::uint64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  if (error != std::errc() || end != text.data() + text.size() || amount == 0 ||
      amount > kMostGranted) {
    run.refuse(
        fmt::format("--amount must be a number from 1 to {}, not \"{}\"", kMostGranted, text));
  }
  return change_quota(run, amount, false, "quota.granted");
}

std::vector<OptionInfo> which_options() {
  return {{"operation", "NAME", "Not its own, but that of an opening: API/OPERATION."},
          {"key", "KEY-ID", "Not its own, but that of one of its keys."}};
}

std::vector<OptionInfo> grant_options() {
  auto options = which_options();
  options.insert(options.begin(), {"amount", "NUMBER", "How many requests more.", true, false});
  return options;
}

}  // namespace

std::vector<ActionInfo> quota_actions() {
  return {
      {"quota",
       "show",
       "SUBSCRIPTION",
       "Shows what is used and left of a subscription's quotas.",
       quota_show,
       {}},
      {"quota", "reset", "SUBSCRIPTION", "Begins the present period anew: nothing is used.",
       quota_reset, which_options()},
      {"quota", "grant", "SUBSCRIPTION", "Adds requests to the quota, for the present period only.",
       quota_grant, grant_options()},
  };
}

}  // namespace sallyport::admin
