#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "admin/answers.h"
#include "admin/bounds.h"
#include "admin/limit_options.h"
#include "admin/verbs.h"
#include "base/time_text.h"

namespace sallyport::admin {
namespace {

// plan

void read_openings(Run& run, Plan& plan) {
  if (!run.has("open")) return;
  plan.opens.clear();
  for (const std::string& text : run.all("open")) plan.opens.push_back(run.opening(text));
}

void read_plan(Run& run, Plan& plan) {
  run.read_limits(plan.limits, "unlimited");
  run.read_limits(plan.shadow, "unlimited", "shadow-");
  if (run.has("priority")) {
    const std::string text = run.one("priority");
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), plan.priority);
    if (error != std::errc() || end != text.data() + text.size() ||
        plan.priority < -kMostPriority || plan.priority > kMostPriority) {
      run.refuse(fmt::format("--priority must be a number from -{0} to {0}, not \"{1}\"",
                             kMostPriority, text));
    }
  }
  read_openings(run, plan);
}

void read_terms(Run& run, Plan& plan) {
  run.read_number("keys-per-application", plan.keys_per_application, kMostKeysPerApplication,
                  "unlimited");
  run.read_number("key-lifetime", plan.key_lifetime_days, kMostKeyLifetimeDays, "unlimited");
  if (run.has("key-lifetime") && plan.key_lifetime_days == 0U) {
    run.refuse("--key-lifetime must be 1 day or more, or \"unlimited\": a key needs time to live");
  }
  if (run.has("needs-review") && run.has("no-review")) {
    run.bad_usage("--needs-review and --no-review contradict each other");
  }
  plan.needs_review = run.has("needs-review") || (plan.needs_review && !run.has("no-review"));
}

void check_plan_name(Run& run, const Plan& plan) {
  const auto taken = run.model().plans.select(
      [&](const Plan& one) { return one.name == plan.name && one.id != plan.id; });
  if (!taken.empty()) run.refuse(fmt::format("a plan is named \"{}\" already", plan.name));
}

CommandReply plan_create(Run& run) {
  Plan plan;
  plan.name = run.new_name("plan's name", run.subject());
  plan.id = make_id<PlanId>(run.random());
  plan.created_us = run.now_us();
  read_plan(run, plan);
  read_terms(run, plan);
  check_plan_name(run, plan);
  return save(run, plan, "plan.created", {});
}

CommandReply plan_update(Run& run) {
  Plan plan = run.take(run.model().plan(run.subject()));
  if (run.has("rename")) plan.name = run.new_name("plan's name", run.one("rename"));
  read_plan(run, plan);
  read_terms(run, plan);
  check_plan_name(run, plan);
  return save(run, plan, "plan.updated", {});
}

CommandReply plan_list(Run& run) { return list(run, run.model().plans.all()); }

CommandReply plan_show(Run& run) { return show(run, run.take(run.model().plan(run.subject()))); }

CommandReply plan_activate(Run& run) {
  return set_status(run, run.take(run.model().plan(run.subject())), {Status::Inactive},
                    Status::Active, "plan.activated", {});
}

CommandReply plan_deactivate(Run& run) {
  return set_status(run, run.take(run.model().plan(run.subject())), {Status::Active},
                    Status::Inactive, "plan.deactivated", {});
}

// subscription

Subscription named_subscription(Run& run) {
  return run.take(run.model().subscription(run.subject()));
}

AccountId owner_of(const Run& run, const Subscription& subscription) {
  const Application* application = run.model().applications.find(subscription.application);
  return application == nullptr ? AccountId{} : application->account;
}

CommandReply subscription_create(Run& run) {
  Subscription subscription;
  subscription.id = make_id<SubscriptionId>(run.random());
  subscription.created_us = run.now_us();
  const Application application =
      run.take(run.model().application(run.one("application"), run.account_option()));
  const Plan plan = run.take(run.model().plan(run.one("plan")));
  subscription.application = application.id;
  subscription.plan = plan.id;
  if (run.has("environment")) {
    const auto environment = parse_environment(run.one("environment"));
    if (!environment) {
      run.refuse(
          fmt::format("--environment must be live or test, not \"{}\"", run.one("environment")));
    }
    subscription.environment = environment.value_or(Environment::Live);
  }
  run.read_limits(subscription.overrides, "plan");
  if (run.has("quota") && !run.has("quota-period")) {
    subscription.overrides.quota_period = plan.limits.quota_period;
  }
  subscription.starts_us = run.time("starts");
  subscription.ends_us = run.time("ends");
  if (subscription.ends_us != 0 &&
      subscription.ends_us <= std::max(run.now_us(), subscription.starts_us)) {
    run.refuse(fmt::format("the subscription would end at {}, before it is of use",
                           rfc3339_seconds(subscription.ends_us)));
  }
  if (!plan.needs_review) {
    return save(run, subscription, "subscription.created", application.account);
  }
  if (run.has("approved")) {
    subscription.approved_by = run.actor();
    return save(run, subscription, "subscription.created", application.account);
  }
  subscription.status = Status::Waiting;
  if (run.failed()) return run.refusal();
  Change change = change_of(run, subscription, "subscription.created", application.account);
  change.events.push_back(change.events.front());
  change.events.back().kind = "subscription.waiting";
  if (auto failed = run.commit(std::move(change))) return *failed;
  CommandReply reply = reply_of(run, subscription, "subscription.created");
  reply.text += fmt::format("It waits for review: sallyport subscription approve {}\n",
                            subscription.id.hex());
  return reply;
}

CommandReply subscription_list(Run& run) {
  const ApplicationId application =
      run.has("application") ? run.take(run.model().application(run.one("application"))).id
                             : ApplicationId{};
  return list(run, run.model().subscriptions.select([&](const Subscription& one) {
    return !application || one.application == application;
  }));
}

CommandReply subscription_show(Run& run) { return show(run, named_subscription(run)); }

CommandReply subscription_suspend(Run& run) {
  const Subscription subscription = named_subscription(run);
  return set_status(run, subscription, {Status::Active}, Status::Suspended,
                    "subscription.suspended", owner_of(run, subscription));
}

// One review is enough: the keys that wait with it work from then on.
CommandReply subscription_approve(Run& run) {
  Subscription subscription = named_subscription(run);
  if (run.failed() || subscription.status != Status::Waiting) {
    return set_status(run, subscription, {Status::Waiting}, Status::Active, "subscription.approved",
                      owner_of(run, subscription));
  }
  subscription.status = Status::Active;
  subscription.approved_by = run.actor();
  const AccountId account = owner_of(run, subscription);
  Change change = change_of(run, subscription, "subscription.approved", account);
  for (const ApiKey* key : run.model().keys.of(subscription.id)) {
    if (key->status != Status::Waiting) continue;
    ApiKey approved = *key;
    approved.status = Status::Active;
    Change of_key = change_of(run, approved, "key.approved", account);
    change.put.push_back(std::move(of_key.put.front()));
    change.events.push_back(std::move(of_key.events.front()));
  }
  if (auto failed = run.commit(std::move(change))) return *failed;
  return reply_of(run, subscription, "subscription.approved");
}

CommandReply subscription_activate(Run& run) {
  const Subscription subscription = named_subscription(run);
  if (!run.failed() && subscription.status == Status::Waiting) return subscription_approve(run);
  return set_status(run, subscription, {Status::Waiting, Status::Suspended}, Status::Active,
                    "subscription.activated", owner_of(run, subscription));
}

CommandReply subscription_end(Run& run) {
  Subscription subscription = named_subscription(run);
  subscription.ends_us = run.now_us();
  return set_status(run, subscription, {Status::Waiting, Status::Active, Status::Suspended},
                    Status::Ended, "subscription.ended", owner_of(run, subscription));
}

void refuse_if_ended(Run& run, const Subscription& subscription) {
  if (subscription.status == Status::Ended) {
    run.refuse(fmt::format("subscription {} is ended, and that is final", label_of(subscription)));
  }
}

// Keeps the keys and what was used.
CommandReply subscription_change_plan(Run& run) {
  Subscription subscription = named_subscription(run);
  const Plan plan = run.take(run.model().plan(run.one("plan")));
  refuse_if_ended(run, subscription);
  if (subscription.plan == plan.id && !run.failed()) {
    run.refuse(fmt::format("subscription {} has the plan {} already", label_of(subscription),
                           label_of(plan)));
  }
  subscription.plan = plan.id;
  return save(run, subscription, "subscription.changed", owner_of(run, subscription));
}

CommandReply subscription_set_limits(Run& run) {
  Subscription subscription = named_subscription(run);
  if (!run.gives_limits()) {
    run.bad_usage(
        "give at least one of --rate, --burst, --window, --quota, --quota-period, "
        "--quota-anchor, --quota-zone and --concurrency");
  }
  // A quota of its own counts the plan's periods unless told otherwise.
  const Plan* plan = run.model().plans.find(subscription.plan);
  if (!subscription.overrides.quota && plan != nullptr) {
    subscription.overrides.quota_period = plan->limits.quota_period;
    subscription.overrides.quota_anchor = plan->limits.quota_anchor;
  }
  run.read_limits(subscription.overrides, "plan");
  refuse_if_ended(run, subscription);
  return save(run, subscription, "subscription.changed", owner_of(run, subscription));
}

std::vector<OptionInfo> subscription_options() {
  std::vector<OptionInfo> options = {
      {"application", "APPLICATION", "The application.", true, false},
      {"plan", "PLAN", "The plan.", true, false},
      {"environment", "NAME", "live or test. Default: live."},
      {"account", "ACCOUNT", "The application's account, when its name is not unique."},
      {"approved", "", "Active at once, also where the plan needs a review."},
      {"starts", "TIME", "From when its keys work: 2027-01-31 or 2027-01-31T12:00:00Z."},
      {"ends", "TIME", "Until when."}};
  for (const OptionInfo& limit : limit_options("Requests per second, instead of the plan's.",
                                               "Requests in any one second, instead of the plan's.",
                                               "Requests per period, instead of the plan's.")) {
    options.push_back(limit);
  }
  return options;
}

std::vector<OptionInfo> plan_options() {
  auto options = limit_options("Requests per second; 0 blocks, \"unlimited\" is the default.",
                               "Requests in any one second. Default: the rate.",
                               "Requests per period; 0 blocks, \"unlimited\" is the default.");
  options.push_back(
      {"priority", "NUMBER", "Under overload the lowest is refused first. Default: 0."});
  options.push_back({"shadow-rate", "NUMBER", "A rate that is counted and never enforced."});
  options.push_back({"shadow-burst", "NUMBER", "Its burst."});
  options.push_back({"shadow-window", "COUNT/LENGTH", "A window, likewise.", false, true});
  options.push_back({"shadow-quota", "NUMBER", "A quota, likewise."});
  options.push_back({"shadow-quota-period", "PERIOD", "Its period."});
  options.push_back({"open", "WHAT",
                     "What it opens: \"API:OPERATION\" (\"messaging:*\") or \"API METHODS "
                     "PATTERN\", then its own limits, if any: \"rate=5 burst=10 window=500/10m "
                     "quota=100/day concurrency=3\". May be repeated.",
                     false, true});
  options.push_back(
      {"keys-per-application", "NUMBER", "Keys that an application may have at the same time."});
  options.push_back(
      {"key-lifetime", "DAYS", "After how many days a key expires that says nothing else."});
  options.push_back(
      {"needs-review", "", "New subscriptions and their keys wait until somebody approves them."});
  return options;
}

std::vector<OptionInfo> plan_update_options() {
  auto options = plan_options();
  for (OptionInfo& option : options) {
    if (option.name == "open")
      option.help = "What it opens, instead of all it did. May be repeated.";
  }
  options.push_back({"no-review", "", "New subscriptions are active at once."});
  options.push_back({"rename", "NAME", "Its new name."});
  return options;
}

}  // namespace

std::vector<ActionInfo> plan_actions() {
  return {
      {"plan", "create", "NAME", "Makes a plan. It opens nothing that --open does not name.",
       plan_create, plan_options()},
      {"plan", "update", "PLAN", "Changes a plan, for all its subscriptions at once.", plan_update,
       plan_update_options()},
      {"plan", "list", "", "Lists all plans.", plan_list, {}},
      {"plan", "show", "PLAN", "Shows one plan.", plan_show, {}},
      {"plan", "activate", "PLAN", "Lets the keys of a plan work again.", plan_activate, {}},
      {"plan", "deactivate", "PLAN", "Stops every key of a plan.", plan_deactivate, {}},
  };
}

std::vector<ActionInfo> subscription_actions() {
  return {
      {"subscription", "create", "", "Subscribes an application to a plan.", subscription_create,
       subscription_options()},
      {"subscription",
       "list",
       "",
       "Lists subscriptions.",
       subscription_list,
       {{"application", "APPLICATION", "Only of this application."}}},
      {"subscription",
       "show",
       "SUBSCRIPTION",
       "Shows one subscription, named by its id or by an application that has only one.",
       subscription_show,
       {}},
      {"subscription",
       "suspend",
       "SUBSCRIPTION",
       "Stops every key of a subscription.",
       subscription_suspend,
       {}},
      {"subscription",
       "approve",
       "SUBSCRIPTION",
       "Approves a waiting subscription, and with it the keys that wait.",
       subscription_approve,
       {}},
      {"subscription",
       "activate",
       "SUBSCRIPTION",
       "Approves a waiting subscription or ends a suspension.",
       subscription_activate,
       {}},
      {"subscription",
       "end",
       "SUBSCRIPTION",
       "Ends a subscription for good.",
       subscription_end,
       {}},
      {"subscription",
       "change-plan",
       "SUBSCRIPTION",
       "Changes the plan; keys and what was used stay.",
       subscription_change_plan,
       {{"plan", "PLAN", "The new plan.", true, false}}},
      {"subscription", "set-limits", "SUBSCRIPTION", "Sets limits instead of the plan's.",
       subscription_set_limits,
       limit_options("Requests per second, or \"plan\" for what the plan says.",
                     "Requests in any one second, or \"plan\".",
                     "Requests per period, or \"plan\".")},
  };
}

}  // namespace sallyport::admin
