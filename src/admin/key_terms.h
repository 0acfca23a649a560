// What a subscription and its plan say of a new or changed key: how low its limits must be, how
// long it may live, how many there may be. Pure functions over the model; control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "admin/model.h"
#include "base/entities.h"

namespace sallyport::admin {

struct KeyTerms {
  SubscriptionId subscription;
  ApplicationId application;
  AccountId account;
  PlanId plan;
  Environment environment = Environment::Live;
  Status status = Status::Ended;  // of the subscription
  Limits limits;                  // of the subscription, as they hold now
  std::int64_t lifetime_us = 0;   // 0: without end
  std::optional<std::uint32_t> most_keys;
};
KeyTerms key_terms(const Model& model, const Subscription& subscription);

// Those that count: of the application under the plan, neither revoked nor expired.
std::size_t keys_in_use(const Model& model, const KeyTerms& terms, std::int64_t now_us);
std::string too_many_problem(const KeyTerms& terms, std::size_t in_use);

// Gives a key without an expiry the plan's. The rule that the key breaks, or empty.
std::string settle_validity(ApiKey& key, const KeyTerms& terms, std::int64_t now_us);
std::string limits_problem(const Limits& key, const KeyTerms& terms);
// Of a subscription on which no key can be of use.
std::string ended_problem(const KeyTerms& terms);

}  // namespace sallyport::admin
