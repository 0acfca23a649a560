#include "gateway/limit_rules.h"

#include <algorithm>

#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

using limit::Holder;

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

std::uint32_t cost_of(const RequestContext& context) {
  const Api& api = context.api();
  if (api.free_methods != 0 &&
      (api.free_methods & access::method_bit(context.request->method)) != 0) {
    return 0;
  }
  for (const Api::Cost& one : api.costs) {
    if (one.rule.matches(context.question())) return one.cost;
  }
  return 1;
}

class Rules {
 public:
  explicit Rules(RequestContext& context) : context_(context) {}

  void add(limit::Cell* cell, const Limits& limits, Holder holder, Reason over_rate,
           bool shadow = false) {
    if (limits.empty()) return;
    if (cell == nullptr || context_.rule_count == limit::kMaxRules) {
      complete_ = complete_ && shadow;
      return;
    }
    limit::Rule& rule = context_.rules[context_.rule_count++];
    rule = {cell, limits, over_rate, holder, shadow, 0};
    if (!limits.quota || limits.quota_zone) return;
    const std::uint16_t zone = context_.key.account->zone.load(std::memory_order_relaxed);
    rule.limits.quota_zone = ZoneId{zone};
  }
  void add_from_pool(std::uint64_t tag, const config::EachLimits& each, Holder holder,
                     Reason over_rate) {
    if (each.limits.empty() || context_.rule_count == limit::kMaxRules) return;
    context_.rules[context_.rule_count++] = {nullptr, each.limits, over_rate,
                                             holder,  each.shadow, tag};
  }
  bool complete() const { return complete_; }

 private:
  RequestContext& context_;
  bool complete_ = true;
};

}  // namespace

bool collect_rules(RequestContext& context, const limit::Thresholds& thresholds,
                   const PlanOpening* own) {
  context.rule_count = 0;
  context.cost = cost_of(context);
  const Api& api = context.api();
  const auth::KeyCheck& check = context.key;
  const SubscriptionId subscription = check.subscription->id;
  Rules rules(context);
  if (api.has_total) {
    rules.add(thresholds.find_api(api.settings.name), api.settings.total, Holder::Api,
              Reason::ServiceOverRate);
  }
  if (const auto* account = check.account->limits.load(std::memory_order_acquire)) {
    rules.add(thresholds.find(check.account->id), *account, Holder::Account,
              Reason::AccountOverRate);
  }
  Limits limits = limit::resolved(check.plan->limits, check.subscription->overrides.get());
  if (own != nullptr) {
    // What the opening limits by itself is not counted with the rest.
    limit::take_out(limits, own->own);
    context.scope.clear();
    limit::append_scope(context.scope, own->match);
    rules.add(thresholds.find(subscription, context.scope), own->own, Holder::Operation,
              Reason::OverRate);
  }
  rules.add(limits.empty() ? nullptr : cell_of(thresholds, check), limits, Holder::Subscription,
            Reason::OverRate);
  if (check.key->extras) {
    rules.add(thresholds.find(check.key->id), check.key->extras->limits, Holder::Key,
              Reason::OverRate);
  }
  if (check.plan->shadow) {
    rules.add(thresholds.find_shadow(subscription), *check.plan->shadow, Holder::Subscription,
              Reason::OverRate, true);
  }
  if (!api.settings.shadow.empty()) {
    rules.add(thresholds.find_api_shadow(api.settings.name), api.settings.shadow, Holder::Api,
              Reason::ServiceOverRate, true);
  }
  return rules.complete();
}

void add_personal_rules(RequestContext& context, const limit::Thresholds& thresholds) {
  Rules rules(context);
  const Api& api = context.api();
  if (context.user_id && !api.settings.user.limits.empty()) {
    rules.add_from_pool(thresholds.tag_of(api.index, context.user_id), api.settings.user,
                        Holder::User, Reason::UserOverRate);
  }
  if (!api.settings.source.limits.empty()) {
    const config::EachLimits& each = api.settings.source;
    rules.add_from_pool(
        thresholds.tag_of(api.index, context.request->client, each.ipv4_prefix, each.ipv6_prefix),
        each, Holder::Source, Reason::SourceOverRate);
  }
}

}  // namespace sallyport::gateway
