#include "http/ticket_keys.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace sallyport::http {

TicketKey::~TicketKey() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

// Time passes also while nobody connects: what is too old goes before it is looked at.
void TicketKeys::turn() {
  const std::int64_t now_us = clock_.monotonic_us();
  const auto too_old = [now_us](const TicketKey& key) {
    return now_us - key.made_us >= static_cast<std::int64_t>(kKept) * kTurn_us;
  };
  std::erase_if(keys_, too_old);
  if (!keys_.empty() && now_us - keys_.front().made_us < kTurn_us) return;
  TicketKey made;
  random_.fill(made.name);
  random_.fill(made.cipher);
  random_.fill(made.mac);
  made.made_us = now_us;
  keys_.push_front(made);
  if (keys_.size() > kKept) keys_.pop_back();
}

TicketKey TicketKeys::current() {
  const std::scoped_lock lock(mutex_);
  turn();
  return keys_.front();
}

std::optional<TicketKey> TicketKeys::find(std::span<const std::uint8_t, 16> name,
                                          bool& is_current) {
  const std::scoped_lock lock(mutex_);
  turn();
  for (const TicketKey& key : keys_) {
    if (!std::ranges::equal(key.name, name)) continue;
    is_current = &key == &keys_.front();
    return key;
  }
  return std::nullopt;
}

}  // namespace sallyport::http
