#include "gateway/application_filter.h"

#include <functional>
#include <utility>

#include "base/encoding.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

constexpr std::int64_t kAwayRetry_s = 1;

// The subscription's override where there is one, else the plan's; rate and quota each by itself.
Limits resolved(const Limits& plan, const Limits* overrides) {
  Limits limits = plan;
  if (overrides == nullptr) return limits;
  if (overrides->rate_per_second) {
    limits.rate_per_second = overrides->rate_per_second;
    limits.burst = overrides->burst;
  }
  if (overrides->quota) {
    limits.quota = overrides->quota;
    limits.quota_period = overrides->quota_period;
  }
  return limits;
}

// Looked up once per subscription, then kept beside it.
limit::Cell* cell_of(const limit::Thresholds& thresholds, const auth::KeyCheck& check) {
  std::atomic<limit::Cell*>& kept = check.key->subscription->cell;
  limit::Cell* cell = kept.load(std::memory_order_acquire);
  if (cell == nullptr) {
    cell = thresholds.find(check.subscription->id);
    if (cell != nullptr) kept.store(cell, std::memory_order_release);
  }
  return cell;
}

}  // namespace

Reason ApplicationFilter::find_key(RequestContext& context) {
  const config::KeyLocations& places = context.api().settings.key;
  context.key_text = {};
  context.key_in_query = false;
  // In two places it may stand if it is the same; twice in one it may not.
  const auto look = [&context](const std::string& name, const auto& holders, auto&& is_named) {
    bool seen = false;
    for (const auto& holder : holders) {
      if (!is_named(holder.name, name)) continue;
      if (std::exchange(seen, true)) return false;
      if (holder.value.empty()) continue;
      if (!context.key_text.empty() && holder.value != context.key_text) return false;
      context.key_text = holder.value;
      context.key_name = name;
    }
    return true;
  };
  for (const std::string& header : places.headers) {
    if (!look(header, context.request->fields, std::equal_to<>{})) return Reason::KeyAmbiguous;
  }
  for (const std::string& query : places.queries) {
    const std::string_view before = context.key_name;
    context.key_name = {};
    if (!look(query, context.request->pairs, equal_ascii_case)) return Reason::KeyAmbiguous;
    context.key_in_query = context.key_in_query || !context.key_name.empty();
    if (context.key_name.empty()) context.key_name = before;
  }
  return context.key_text.empty() ? Reason::KeyMissing : Reason::Ok;
}

Answer ApplicationFilter::on_request(RequestContext& context) const {
  if (const Reason reason = find_key(context); reason != Reason::Ok) return Refusal{reason};
  const std::int64_t now_us = clock_.unix_us();
  context.key = auth::check_key(directory_, context.key_text, context.request->client, now_us);
  Answer answer = admit(context);
  if (std::holds_alternative<Continue>(answer) && context.key.key->touch(now_us)) {
    context.key_used_us = now_us;
  }
  return answer;
}

Answer ApplicationFilter::admit(RequestContext& context) const {
  const auth::KeyCheck& check = context.key;
  if (check.key != nullptr) context.key_id = check.key->id;
  if (check.subscription != nullptr) context.subscription = check.subscription->id;
  if (check.application != nullptr) context.application = check.application->id;
  if (check.account != nullptr) {
    context.account = check.account->id;
    context.workspace = context.workspace_in(*check.account);
  }
  if (check.reason != Reason::Ok) return Refusal{check.reason};
  const auto& only = context.match.host->environment;
  if (only && check.key->environment != *only) return Refusal{Reason::KeyEnvironment};
  const access::Opening opening = policy_.opening(check.plan->id, context.question());
  if (!opening.open && !context.match.route->about_caller()) {
    return Refusal{Reason::NotOpenedByPlan};
  }
  // A limit without its cell cannot be kept: closed, and it is our fault, not the client's.
  if (!collect_rules(context, opening.own)) return Refusal{Reason::StoreAway, kAwayRetry_s};
  return Continue{};
}

bool ApplicationFilter::add_rule(RequestContext& context, limit::Cell* cell, const Limits& limits,
                                 Reason over_rate) const {
  if (!limits.rate_per_second && !limits.quota) return true;
  if (cell == nullptr) return false;
  context.rules[context.rule_count++] = {cell, limits, over_rate};
  return true;
}

// In the order in which they refuse: the service, the subscription, the key.
bool ApplicationFilter::collect_rules(RequestContext& context, const PlanOpening* own) const {
  context.rule_count = 0;
  const config::Api& api = context.api().settings;
  const auth::KeyCheck& check = context.key;
  const SubscriptionId subscription = check.subscription->id;
  bool complete = true;
  if (api.rate_per_second) {
    const Limits total{api.rate_per_second, api.burst, std::nullopt, QuotaPeriod::Day};
    complete = add_rule(context, thresholds_.find_api(api.name), total, Reason::ServiceOverRate);
  }
  Limits limits = resolved(check.plan->limits, check.subscription->overrides.get());
  if (own != nullptr) {
    // What the opening limits by itself is not counted with the rest.
    if (own->own.rate_per_second) limits.rate_per_second.reset();
    if (own->own.quota) limits.quota.reset();
    context.scope.clear();
    limit::append_scope(context.scope, own->match);
    complete = add_rule(context, thresholds_.find(subscription, context.scope), own->own,
                        Reason::OverRate) &&
               complete;
  }
  if (limits.rate_per_second || limits.quota) {
    complete = add_rule(context, cell_of(thresholds_, check), limits, Reason::OverRate) && complete;
  }
  if (check.key->extras) {
    complete = add_rule(context, thresholds_.find(check.key->id), check.key->extras->limits,
                        Reason::OverRate) &&
               complete;
  }
  return complete;
}

}  // namespace sallyport::gateway
