// Whoever issues tokens that count: ourselves, or an outside issuer of the configuration, with the
// public keys of the moment. Owned by the server for its whole life. The keys are replaced whole,
// by one thread; workers read them without a lock, within one turn of their loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auth/records.h"
#include "auth/token/signature.h"
#include "base/table.h"
#include "config/tokens.h"

namespace sallyport::auth {

struct KeySet {
  struct Entry {
    PublicKey key;
    std::int64_t until_us = 0;  // wall-clock; 0: no end is known
  };
  std::vector<Entry> keys;
  std::unique_ptr<const SigningKey> signer;  // ours alone

  // The key of that name that is good at `now_us`; nullptr: there is none. A token without a name
  // means the one key that has none.
  const PublicKey* find(std::string_view kid, std::int64_t now_us) const;
  // Whether that very key is still among them.
  bool holds(const KeyHandle& key, std::int64_t now_us) const;
};

class TokenIssuer {
 public:
  // Ourselves; our audience is the API that the token is issued at.
  TokenIssuer(std::string issuer, Reclaimer& reclaimer);
  // An outside one. `accounts` empty: whose users it may speak for is every account's.
  TokenIssuer(const config::Issuer& settings, std::vector<const AccountSlot*> accounts,
              Reclaimer& reclaimer);
  ~TokenIssuer();
  TokenIssuer(const TokenIssuer&) = delete;
  TokenIssuer& operator=(const TokenIssuer&) = delete;

  bool is_outside() const { return outside_; }
  const std::string& issuer() const { return settings_.issuer; }
  const config::Issuer& settings() const { return settings_; }
  bool speaks_for(AccountId account) const;

  // Workers. nullptr: none were ever had, or those of an outside issuer are too old.
  const KeySet* keys(std::int64_t now_us) const;
  // A token named a key that is not there: whoever keeps the keys may look again early.
  void miss() const { missed_.store(true, std::memory_order_relaxed); }

  // The one thread that keeps the keys. `good_until_us` 0: for ever.
  void replace(std::unique_ptr<const KeySet> keys, std::int64_t good_until_us);
  void extend(std::int64_t good_until_us) { good_until_us_ = good_until_us; }
  bool take_miss() { return missed_.exchange(false, std::memory_order_relaxed); }

 private:
  const bool outside_;
  config::Issuer settings_;
  std::vector<const AccountSlot*> accounts_;
  Reclaimer& reclaimer_;
  std::atomic<const KeySet*> keys_ = nullptr;
  std::atomic<std::int64_t> good_until_us_ = 0;
  mutable std::atomic<bool> missed_ = false;
};

}  // namespace sallyport::auth
