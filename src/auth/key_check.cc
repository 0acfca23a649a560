#include "auth/key_check.h"

#include "auth/api_key.h"

namespace sallyport::auth {
namespace {

Reason reason_of(const KeyRecord& key, const IpAddress& client, std::int64_t now_us) {
  switch (key.status) {
    case Status::Active: break;
    case Status::Waiting: return Reason::KeyWaiting;
    case Status::Unclaimed: return Reason::KeyUnclaimed;
    case Status::Revoked: return Reason::KeyRevoked;
    default: return Reason::KeyDisabled;
  }
  if (!key.extras) return Reason::Ok;
  const KeyExtras& extras = *key.extras;
  if (extras.not_before_us != 0 && now_us < extras.not_before_us) return Reason::KeyNotYetValid;
  if (extras.expires_us != 0 && now_us >= extras.expires_us) return Reason::KeyExpired;
  if (!allows(extras.allowed_networks, client)) return Reason::KeyNetwork;
  return Reason::Ok;
}

Reason reason_of(const SubscriptionRecord& subscription, std::int64_t now_us) {
  switch (subscription.status) {
    case Status::Active: break;
    case Status::Waiting: return Reason::SubscriptionWaiting;
    case Status::Suspended: return Reason::SubscriptionSuspended;
    default: return Reason::SubscriptionEnded;
  }
  if (subscription.starts_us != 0 && now_us < subscription.starts_us) {
    return Reason::SubscriptionEnded;
  }
  if (subscription.ends_us != 0 && now_us >= subscription.ends_us) return Reason::SubscriptionEnded;
  return Reason::Ok;
}

}  // namespace

bool is_good(const KeyRecord& key, std::int64_t now_us) {
  return key.status == Status::Active &&
         (!key.extras || key.extras->expires_us == 0 || now_us < key.extras->expires_us);
}

KeyCheck check_key(const KeyRecord& key, const IpAddress& client, std::int64_t now_us) {
  KeyCheck check;
  check.key = &key;
  check.subscription = key.subscription->record.load(std::memory_order_acquire);
  // Three lines that are needed soon and are hardly ever in a cache: fetched at the same time.
  __builtin_prefetch(check.subscription);
  __builtin_prefetch(key.subscription->application.load(std::memory_order_acquire));
  __builtin_prefetch(key.subscription->cell.load(std::memory_order_acquire), 1);
  if (check.subscription != nullptr) {
    check.application = check.subscription->application;
    check.account = check.application->account.load(std::memory_order_acquire);
    check.plan = check.subscription->plan->record.load(std::memory_order_acquire);
  }
  auto first_cause = [&] {
    if (const Reason reason = reason_of(key, client, now_us); reason != Reason::Ok) return reason;
    if (check.subscription == nullptr) return Reason::SubscriptionEnded;
    if (key.environment != check.subscription->environment) return Reason::KeyEnvironment;
    if (const Reason reason = reason_of(*check.subscription, now_us); reason != Reason::Ok) {
      return reason;
    }
    if (check.application->status.load(std::memory_order_acquire) != Status::Active) {
      return Reason::ApplicationDisabled;
    }
    if (check.account == nullptr ||
        check.account->status.load(std::memory_order_acquire) != Status::Active) {
      return Reason::AccountSuspended;
    }
    if (check.plan == nullptr || check.plan->status != Status::Active) return Reason::PlanInactive;
    return Reason::Ok;
  };
  check.reason = first_cause();
  return check;
}

KeyCheck check_key(const Directory& directory, std::string_view text, const IpAddress& client,
                   std::int64_t now_us) {
  KeyCheck refused;
  if (text.empty()) return refused;
  switch (shape_of(text)) {
    case KeyShape::BadChecksum: refused.reason = Reason::KeyMalformed; return refused;
    case KeyShape::Impossible: refused.reason = Reason::KeyUnknown; return refused;
    default: break;
  }
  const KeyRecord* key = directory.find_key(digest_of(text));
  if (key == nullptr) {
    refused.reason = Reason::KeyUnknown;
    return refused;
  }
  return check_key(*key, client, now_us);
}

}  // namespace sallyport::auth
