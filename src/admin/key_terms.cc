#include "admin/key_terms.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.h"

namespace sallyport::admin {
namespace {

constexpr std::int64_t kDay_us = 86'400'000'000;

}  // namespace

KeyTerms key_terms(const Model& model, const Subscription& subscription) {
  KeyTerms terms;
  terms.subscription = subscription.id;
  terms.application = subscription.application;
  terms.plan = subscription.plan;
  terms.environment = subscription.environment;
  terms.status = subscription.status;
  if (const Application* application = model.applications.find(subscription.application)) {
    terms.account = application->account;
  }
  if (const Plan* plan = model.plans.find(subscription.plan)) {
    terms.limits = plan->limits;
    terms.lifetime_us = plan->key_lifetime_days.value_or(0) * kDay_us;
    terms.most_keys = plan->keys_per_application;
  }
  const Limits& own = subscription.overrides;
  if (own.rate_per_second) {
    terms.limits.rate_per_second = own.rate_per_second;
    terms.limits.burst = own.burst;
  }
  if (own.quota) {
    terms.limits.quota = own.quota;
    terms.limits.quota_period = own.quota_period;
  }
  return terms;
}

std::size_t keys_in_use(const Model& model, const KeyTerms& terms, std::int64_t now_us) {
  std::ptrdiff_t in_use = 0;
  for (const Subscription* one : model.subscriptions.select([&](const Subscription& other) {
         return other.application == terms.application && other.plan == terms.plan;
       })) {
    in_use += std::ranges::count_if(model.keys.of(one->id), [now_us](const ApiKey* key) {
      return key->status != Status::Revoked && (key->expires_us == 0 || key->expires_us > now_us);
    });
  }
  return static_cast<std::size_t>(in_use);
}

std::string too_many_problem(const KeyTerms& terms, std::size_t in_use) {
  if (!terms.most_keys || in_use < *terms.most_keys) return {};
  return fmt::format("the application has {} keys, and its plan allows {}", in_use,
                     *terms.most_keys);
}

std::string settle_validity(ApiKey& key, const KeyTerms& terms, std::int64_t now_us) {
  if (key.expires_us != 0 && key.expires_us <= now_us) {
    return fmt::format("the expiry {} is in the past", rfc3339_seconds(key.expires_us));
  }
  if (terms.lifetime_us != 0) {
    const std::int64_t last_us = std::max(now_us, key.not_before_us) + terms.lifetime_us;
    if (key.expires_us == 0) key.expires_us = last_us;
    if (key.expires_us > last_us) {
      return fmt::format("the expiry {} is after {}: the plan lets a key live for {} days",
                         rfc3339_seconds(key.expires_us), rfc3339_seconds(last_us),
                         terms.lifetime_us / kDay_us);
    }
  }
  if (key.expires_us != 0 && key.not_before_us >= key.expires_us) {
    return fmt::format("the key would expire at {}, before it is valid at {}",
                       rfc3339_seconds(key.expires_us), rfc3339_seconds(key.not_before_us));
  }
  return {};
}

std::string limits_problem(const Limits& key, const KeyTerms& terms) {
  const Limits& most = terms.limits;
  if (key.burst && !key.rate_per_second) return "a burst needs a rate";
  if (key.burst && *key.burst < *key.rate_per_second) {
    return fmt::format("the burst is {}, below the rate, which is {} per second", *key.burst,
                       *key.rate_per_second);
  }
  if (key.rate_per_second && most.rate_per_second && *key.rate_per_second > *most.rate_per_second) {
    return fmt::format(
        "the key's rate is {}, above the subscription's, which is {}: a key may "
        "only lower it",
        *key.rate_per_second, *most.rate_per_second);
  }
  const bool same_period = key.quota_period == most.quota_period;
  if (key.quota && most.quota && same_period && *key.quota > *most.quota) {
    return fmt::format(
        "the key's quota is {}, above the subscription's, which is {}: a key may "
        "only lower it",
        *key.quota, *most.quota);
  }
  return {};
}

std::string ended_problem(const KeyTerms& terms) {
  if (terms.status != Status::Ended) return {};
  return fmt::format("subscription {} is ended, and that is final", terms.subscription.hex());
}

}  // namespace sallyport::admin
