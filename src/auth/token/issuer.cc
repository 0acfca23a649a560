#include "auth/token/issuer.h"

#include <algorithm>
#include <utility>

namespace sallyport::auth {
namespace {

bool is_good(const KeySet::Entry& entry, std::int64_t now_us) {
  return entry.until_us == 0 || now_us < entry.until_us;
}

}  // namespace

const PublicKey* KeySet::find(std::string_view kid, std::int64_t now_us) const {
  for (const Entry& entry : keys) {
    if (entry.key.kid == kid && is_good(entry, now_us)) return &entry.key;
  }
  return nullptr;
}

bool KeySet::holds(const KeyHandle& key, std::int64_t now_us) const {
  return std::ranges::any_of(
      keys, [&](const Entry& entry) { return entry.key.key == key && is_good(entry, now_us); });
}

TokenIssuer::TokenIssuer(std::string issuer, Reclaimer& reclaimer)
    : outside_(false), reclaimer_(reclaimer) {
  settings_.issuer = std::move(issuer);
  settings_.leeway = std::chrono::milliseconds(0);  // one clock
}

TokenIssuer::TokenIssuer(const config::Issuer& settings, std::vector<const AccountSlot*> accounts,
                         Reclaimer& reclaimer)
    : outside_(true), settings_(settings), accounts_(std::move(accounts)), reclaimer_(reclaimer) {}

TokenIssuer::~TokenIssuer() { delete keys_.load(std::memory_order_relaxed); }

bool TokenIssuer::speaks_for(AccountId account) const {
  return accounts_.empty() || std::ranges::any_of(accounts_, [account](const AccountSlot* one) {
           return one->id == account;
         });
}

const KeySet* TokenIssuer::keys(std::int64_t now_us) const {
  const std::int64_t until_us = good_until_us_.load(std::memory_order_relaxed);
  if (until_us != 0 && now_us >= until_us) return nullptr;
  return keys_.load(std::memory_order_acquire);
}

void TokenIssuer::replace(std::unique_ptr<const KeySet> keys, std::int64_t good_until_us) {
  const KeySet* old = keys_.exchange(keys.release(), std::memory_order_acq_rel);
  good_until_us_.store(good_until_us, std::memory_order_relaxed);
  if (old == nullptr) return;
  reclaimer_.retire([old] { delete old; });
}

}  // namespace sallyport::auth
