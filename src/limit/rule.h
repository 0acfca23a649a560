// What is asked of the thresholds, and what they answer. Values, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/entities.h"
#include "base/reason.h"

namespace sallyport::limit {

struct Cell;

// Whose limit it is.
enum class Holder : std::uint8_t { Api, Account, Subscription, Operation, Key, User, Source };
std::string_view to_string(Holder holder);  // "subscription"

// One threshold that applies to a request. A cell of the pool is found by its tag, and made by
// Thresholds::claim(): peeking at one who has none finds nothing spent.
struct Rule {
  Cell* cell = nullptr;
  Limits limits;
  Reason over_rate = Reason::OverRate;  // of an API's total: ServiceOverRate
  Holder holder = Holder::Subscription;
  bool shadow = false;    // counts and reports, refuses nobody
  std::uint64_t tag = 0;  // of a cell of the pool
};
inline constexpr std::size_t kMaxRules = 12;

struct Decision {
  enum class Kind : std::uint8_t { Admitted, Refused, Wait, Moved };
  Kind kind = Kind::Admitted;
  Reason reason = Reason::Ok;            // OverRate, OverQuota, OverConcurrency, ..., StoreAway
  Holder holder = Holder::Subscription;  // of the limit that refused
  std::int64_t decided_us = 0;
  // Refused: the smallest whole number of seconds after which a silent client is sure to get in.
  std::int64_t retry_after_s = 0;
  QuotaPeriod period = QuotaPeriod::Day;  // of the quota that refused
  Cell* waiting_for = nullptr;            // Wait: give it to when_raised()
  Reason shadow = Reason::Ok;             // what a limit in shadow would have refused with
};

struct Usage {
  std::uint32_t in_last_second = 0;
  std::uint64_t used = 0;
  std::int64_t resets_us = 0;  // wall clock
  std::uint64_t granted = 0;
  std::uint32_t in_flight = 0;
};

// How one limit stands, as clients are told of it.
struct Standing {
  Holder holder = Holder::Subscription;
  bool quota = false;
  std::uint64_t limit = 0;
  std::uint64_t used = 0;      // within the window, or the period
  std::int64_t reset_s = 0;    // until all of it is there again
  std::int64_t window_s = 1;   // its length
  std::int64_t resets_us = 0;  // of a quota, wall clock
  std::uint64_t remaining() const { return used >= limit ? 0 : limit - used; }
};
inline constexpr std::size_t kMaxStandings = 12;

// The present period of one quota, for operators.
struct QuotaLook {
  QuotaPeriod period = QuotaPeriod::Day;
  std::uint8_t anchor = 1;
  ZoneId zone;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint64_t used = 0;
  std::uint64_t granted = 0;
  std::uint32_t epoch = 0;
};

}  // namespace sallyport::limit
