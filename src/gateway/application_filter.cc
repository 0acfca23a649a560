#include "gateway/application_filter.h"

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

WorkspaceId workspace_of(const RequestContext& context) {
  const Route& route = *context.match.route;
  if (route.workspace_segment == Route::kNoSegment) {
    return {context.key.account->default_workspace.load(std::memory_order_acquire)};
  }
  if (route.workspace_segment >= context.request->segments.size()) return {};
  // What is no id is no workspace, and then only account-wide roles count.
  return WorkspaceId::parse(context.request->segments[route.workspace_segment])
      .value_or(WorkspaceId{});
}

}  // namespace

Reason ApplicationFilter::find_key(RequestContext& context) {
  const config::KeyLocations& places = context.api().settings.key;
  std::string_view in_header;
  std::string_view in_query;
  std::size_t headers = 0;
  std::size_t pairs = 0;
  if (!places.header.empty()) {
    for (const http::Field& field : context.request->fields) {
      if (field.name != places.header) continue;
      in_header = field.value;
      ++headers;
    }
  }
  if (places.query && !places.query->empty()) {
    for (const http::QueryPair& pair : context.request->pairs) {
      if (!equal_ascii_case(pair.name, *places.query)) continue;
      in_query = pair.value;
      ++pairs;
    }
  }
  if (headers > 1 || pairs > 1) return Reason::KeyAmbiguous;
  if (!in_header.empty() && !in_query.empty() && in_header != in_query) {
    return Reason::KeyAmbiguous;
  }
  context.key_in_query = !in_query.empty();
  context.key_text = context.key_in_query ? in_query : in_header;
  return context.key_text.empty() ? Reason::KeyMissing : Reason::Ok;
}

Answer ApplicationFilter::on_request(RequestContext& context) const {
  if (const Reason reason = find_key(context); reason != Reason::Ok) return Refusal{reason};
  context.key =
      auth::check_key(directory_, context.key_text, context.request->client, clock_.unix_us());
  return admit(context);
}

Answer ApplicationFilter::admit(RequestContext& context) const {
  const auth::KeyCheck& check = context.key;
  if (check.key != nullptr) context.key_id = check.key->id;
  if (check.subscription != nullptr) context.subscription = check.subscription->id;
  if (check.application != nullptr) context.application = check.application->id;
  if (check.account != nullptr) {
    context.account = check.account->id;
    context.workspace = workspace_of(context);
  }
  if (check.reason != Reason::Ok) return Refusal{check.reason};
  const access::Opening opening = policy_.opening(check.plan->id, context.question());
  if (!opening.open) return Refusal{Reason::NotOpenedByPlan};
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
