#include "gateway/explain.h"

#include <algorithm>
#include <utility>

#include "auth/api_key.h"
#include "auth/key_check.h"
#include "base/encoding.h"
#include "gateway/request_context.h"
#include "http/canonical.h"

namespace sallyport::gateway {
namespace {

using Result = ExplainedStep::Result;

// Holds what the steps share; each step appends its line.
class Explainer {
 public:
  Explainer(const Router& router, const Doors& doors, const ExplainQuestion& question)
      : router_(router), doors_(doors), question_(question) {}

  std::vector<ExplainedStep> run() {
    if (!route()) return std::move(steps_);
    transport();
    const config::Doors doors = context_.match.route->access.doors;
    config::asks_key(doors) ? application() : keyless();
    if (config::asks_user(doors)) {
      thresholds("thresholds");
      user();
      permission();
    }
    thresholds("thresholds_taken");
    return std::move(steps_);
  }

 private:
  void pass(std::string_view filter, std::string rule) {
    steps_.push_back({filter, Result::Pass, Reason::Ok, std::move(rule)});
  }
  void refuse(std::string_view filter, Reason reason, std::string rule = {}) {
    if (rule.empty()) rule = describe(reason);
    steps_.push_back({filter, Result::Refuse, reason, std::move(rule)});
  }
  void unknown(std::string_view filter, std::string rule) {
    steps_.push_back({filter, Result::Unknown, Reason::Ok, std::move(rule)});
  }

  bool route() {
    request_.method = question_.method;
    request_.client = question_.client;
    if (const char* wrong = http::make_canonical(request_, question_.target, question_.host)) {
      refuse("route", Reason::NotCanonical, wrong);
      return false;
    }
    request_.sni = request_.host;  // as a client does
    request_.client_verified = true;
    context_.request = &request_;
    context_.match = router_.match(request_);
    const RouteMatch& match = context_.match;
    if (match.reason != Reason::Ok) {
      std::string rule(describe(match.reason));
      if (!match.allow.empty()) rule += "; the path takes " + std::string(match.allow);
      refuse("route", match.reason, std::move(rule));
      return false;
    }
    pass("route", context_.api().settings.name + " " + std::string(to_string(match.route->method)) +
                      " " + match.route->pattern.text() + ", operation " + match.route->operation);
    return true;
  }

  void transport() {
    if (context_.api().settings.maintenance) {
      refuse("transport", Reason::Maintenance);
    } else {
      pass("transport", "over TLS or a trusted listener, from no foreign origin");
    }
  }

  void application() {
    const std::int64_t now_us = doors_.clock.unix_us();
    if (question_.key_id) {
      const auth::KeyRecord* key = doors_.directory.find_key(*question_.key_id);
      if (key == nullptr) return refuse("application", Reason::KeyUnknown);
      context_.key = auth::check_key(*key, question_.client, now_us);
    } else {
      context_.key = auth::check_key(doors_.directory, question_.key_text.value_or(""),
                                     question_.client, now_us);
    }
    const ApplicationFilter filter(doors_.directory, doors_.policy, doors_.thresholds,
                                   doors_.clock);
    const Reason cause = context_.key.reason;
    const Answer answer = filter.admit(context_);
    if (cause != Reason::Ok) return refuse("application", cause, whose_key(describe(cause)));
    const std::string rule =
        about_caller() ? "open to every key: it is about the caller"
                       : doors_.policy.reason_for(context_.key.plan->id, context_.question());
    if (const auto* refused = std::get_if<Refusal>(&answer)) {
      const bool plan = refused->reason == Reason::NotOpenedByPlan;
      return refuse("application", refused->reason, plan ? whose_key(rule) : std::string());
    }
    rules_known_ = true;
    pass("application", whose_key(rule));
  }

  void keyless() {
    const Answer answer = KeylessFilter(doors_.thresholds).on_request(context_);
    if (const auto* refused = std::get_if<Refusal>(&answer)) {
      return refuse("keyless", refused->reason);
    }
    rules_known_ = true;
    pass("keyless", "no key is asked here");
  }

  std::string whose_key(std::string_view rule) const {
    std::string text(rule);
    if (context_.key.key == nullptr) return text;
    text += "; key " + auth::key_id_text(context_.key.key->id);
    if (context_.key.subscription != nullptr) {
      text += " of subscription " + context_.key.subscription->id.hex();
    }
    if (context_.key.application != nullptr) {
      text += ", application " + context_.key.application->id.hex();
    }
    return text;
  }

  // Both times only a peek: an explanation charges nobody.
  void thresholds(std::string_view filter) {
    if (!rules_known_) return unknown(filter, "without a key that passes nobody is counted");
    const auto rules = context_.active_rules();
    if (rules.empty()) return pass(filter, "neither rate nor quota limits it");
    const limit::Decision decision = doors_.thresholds.peek(rules);
    const std::string rule = standing_text(rules);
    if (decision.kind == limit::Decision::Kind::Refused) {
      refuse(filter, decision.reason, rule);
    } else {
      pass(filter, rule);
    }
  }

  // "subscription: 3 in the last second of 10, 12 used of 100 per day"
  std::string standing_text(std::span<const limit::Rule> rules) const {
    std::string text;
    for (const limit::Rule& one : rules) {
      const limit::Usage usage = doors_.thresholds.usage(one);
      std::string parts;
      const auto add = [&parts](std::string part) {
        parts += (parts.empty() ? "" : ", ") + std::move(part);
      };
      if (one.limits.rate_per_second) {
        add(std::to_string(usage.in_last_second) + " in the last second of " +
            std::to_string(*one.limits.rate_per_second));
      }
      if (one.limits.windows[0].seconds != 0) add("at most " + windows_text(one.limits));
      if (one.limits.concurrency) {
        add(std::to_string(usage.in_flight) + " in flight of " +
            std::to_string(*one.limits.concurrency));
      }
      if (one.limits.quota) {
        add(std::to_string(usage.used) + " used of " + std::to_string(*one.limits.quota) +
            (usage.granted == 0 ? "" : " and " + std::to_string(usage.granted) + " granted") +
            " per " + std::string(to_string(one.limits.quota_period)));
      }
      if (parts.empty()) continue;
      text += text.empty() ? "" : "; ";
      text += std::string(one.shadow ? "in shadow, " : "") +
              std::string(limit::to_string(one.holder)) + ": " + parts;
    }
    return text;
  }

  void user() {
    const bool keyless = !config::asks_key(context_.match.route->access.doors);
    if (!keyless && !context_.account) {
      return unknown("user", "users are looked up in the key's account");
    }
    if (!question_.user) return refuse("user", Reason::UserMissing);
    find_user();
    if (context_.user == nullptr) return refuse("user", Reason::UserUnknown);
    const Reason state = UserFilter::state_of(*context_.user, question_.client);
    if (state != Reason::Ok) return refuse("user", state);
    if (const Reason account = UserFilter::act_for(context_, *context_.user);
        account != Reason::Ok) {
      return refuse("user", account);
    }
    std::string rule = "user " + std::string(context_.user->username()) + " (" +
                       context_.user->id().hex() + "), if the password is right";
    if (context_.grant != nullptr) {
      rule += ", of account " + context_.account.hex() + " by grant " + context_.grant->grant.hex();
    }
    pass("user", std::move(rule));
  }

  // By name as a client gives it, else by id.
  void find_user() {
    const auto find = [&](std::string_view folded) {
      const auth::OpenedUser opened = gateway::find_user(doors_.directory, context_, folded);
      context_.user = opened.user;
      context_.grant = opened.grant;
    };
    if (const auto folded = fold_username(*question_.user)) find(*folded);
    if (context_.user != nullptr) return;
    const auto id = UserId::parse(*question_.user);
    const auth::UserRecord* named = id ? doors_.directory.find_user(*id) : nullptr;
    if (named == nullptr) return;
    const bool own = named->account() == context_.account;
    find(own ? std::string(named->folded())
             : ascii_lower(named->account().hex()) + "\\" + std::string(named->folded()));
    if (context_.user != named) context_.user = nullptr;
  }

  bool about_caller() const { return context_.match.route->about_caller(); }

  void permission() {
    if (context_.user == nullptr) return unknown("permission", "nobody to ask for");
    if (about_caller()) return pass("permission", "open to every user: it is about the caller");
    access::Decision decision = doors_.policy.decide(context_.account, context_.user->roles(),
                                                     context_.workspace, context_.question());
    std::string rule = doors_.policy.reason_for(decision, context_.question());
    if (decision.allowed && context_.grant != nullptr && !context_.grant->ceiling.empty()) {
      decision = doors_.policy.decide(context_.account, context_.grant->ceiling, context_.workspace,
                                      context_.question());
      rule +=
          "; of the grant's ceiling, " + doors_.policy.reason_for(decision, context_.question());
    }
    if (context_.workspace) rule += ", in workspace " + context_.workspace.hex();
    if (decision.allowed) {
      pass("permission", std::move(rule));
    } else {
      refuse("permission", Reason::NoPermission, std::move(rule));
    }
  }

  const Router& router_;
  const Doors& doors_;
  const ExplainQuestion& question_;
  http::Request request_;
  RequestContext context_;
  bool rules_known_ = false;
  std::vector<ExplainedStep> steps_;
};

}  // namespace

std::vector<ExplainedStep> explain(const Router& router, const Doors& doors,
                                   const ExplainQuestion& question) {
  return Explainer(router, doors, question).run();
}

bool admitted(const std::vector<ExplainedStep>& steps) {
  return std::ranges::all_of(steps,
                             [](const ExplainedStep& step) { return step.result == Result::Pass; });
}

}  // namespace sallyport::gateway
