#include <fmt/format.h>

#include "admin/answers.h"
#include "admin/verbs.h"

namespace sallyport::admin {
namespace {

// plan

void read_openings(Run& run, Plan& plan) {
  if (!run.has("open")) return;
  plan.opens.clear();
  for (const std::string& text : run.all("open")) plan.opens.push_back({run.match(text), {}});
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
  run.read_limits(plan.limits, "unlimited");
  read_openings(run, plan);
  check_plan_name(run, plan);
  return save(run, plan, "plan.created", {});
}

CommandReply plan_update(Run& run) {
  Plan plan = run.take(run.model().plan(run.subject()));
  if (run.has("rename")) plan.name = run.new_name("plan's name", run.one("rename"));
  run.read_limits(plan.limits, "unlimited");
  read_openings(run, plan);
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
  return save(run, subscription, "subscription.created", application.account);
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

CommandReply subscription_activate(Run& run) {
  Subscription subscription = named_subscription(run);
  if (subscription.status == Status::Waiting) subscription.approved_by = run.actor();
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
  if (!run.has("rate") && !run.has("burst") && !run.has("quota") && !run.has("quota-period")) {
    run.bad_usage("give at least one of --rate, --burst, --quota and --quota-period");
  }
  // A quota of its own counts the plan's periods unless told otherwise.
  const Plan* plan = run.model().plans.find(subscription.plan);
  if (!subscription.overrides.quota && plan != nullptr) {
    subscription.overrides.quota_period = plan->limits.quota_period;
  }
  run.read_limits(subscription.overrides, "plan");
  refuse_if_ended(run, subscription);
  return save(run, subscription, "subscription.changed", owner_of(run, subscription));
}

std::vector<OptionInfo> limit_options(std::string_view rate, std::string_view burst,
                                      std::string_view quota) {
  return {{"rate", "NUMBER", rate},
          {"burst", "NUMBER", burst},
          {"quota", "NUMBER", quota},
          {"quota-period", "PERIOD", "minute, hour, day or month. Default: day."}};
}

std::vector<OptionInfo> plan_options() {
  auto options = limit_options("Requests per second; 0 blocks, \"unlimited\" is the default.",
                               "Requests in any one second. Default: the rate.",
                               "Requests per period; 0 blocks, \"unlimited\" is the default.");
  options.push_back({"open", "WHAT",
                     "What it opens: \"API:OPERATION\" (\"messaging:*\") or \"API METHODS "
                     "PATTERN\". May be repeated.",
                     false, true});
  return options;
}

std::vector<OptionInfo> plan_update_options() {
  auto options = plan_options();
  options.back().help = "What it opens, instead of all it did. May be repeated.";
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
      {"subscription",
       "create",
       "",
       "Subscribes an application to a plan.",
       subscription_create,
       {{"application", "APPLICATION", "The application.", true, false},
        {"plan", "PLAN", "The plan.", true, false},
        {"environment", "NAME", "live or test. Default: live."},
        {"account", "ACCOUNT", "The application's account, when its name is not unique."}}},
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
