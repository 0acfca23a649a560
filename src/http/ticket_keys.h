// The keys that session tickets are sealed with: shared by all workers and by every generation of
// the configuration, made anew every two hours, kept for two more turns, never written anywhere.
// Any thread; a handshake takes the lock for a copy.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>

#include "base/clock.h"
#include "base/random.h"

namespace sallyport::http {

struct TicketKey {
  std::array<std::uint8_t, 16> name{};
  std::array<std::uint8_t, 32> cipher{};
  std::array<std::uint8_t, 32> mac{};
  std::int64_t made_us = 0;

  TicketKey() = default;
  TicketKey(const TicketKey&) = default;
  TicketKey& operator=(const TicketKey&) = default;
  ~TicketKey();  // wiped
};

class TicketKeys {
 public:
  // Whoever has a key can read what was resumed with its tickets (in TLS 1.2 all of it), so none is
  // kept longer than three turns. A ticket lives two: it is always opened by a key that is there.
  static constexpr std::int64_t kTurn_us = 2LL * 3600 * 1'000'000;
  static constexpr std::size_t kKept = 3;
  static constexpr std::int64_t kTicketLifetime_s = 2 * kTurn_us / 1'000'000;

  // Both outlive it; `random` is used under the lock only.
  TicketKeys(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

  const Clock& clock() const { return clock_; }

  TicketKey current();
  // The key of that name while it is kept; `is_current` false: the ticket should be renewed.
  std::optional<TicketKey> find(std::span<const std::uint8_t, 16> name, bool& is_current);

 private:
  void turn();

  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::deque<TicketKey> keys_;  // the newest first
};

}  // namespace sallyport::http
