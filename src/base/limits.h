// How much somebody may: rates, a quota and its calendar, requests in flight. nullopt is unlimited,
// 0 blocks. Values, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/time_zone.h"

namespace sallyport {

enum class QuotaPeriod : std::uint8_t { Minute, Hour, Day, Month };
std::string_view to_string(QuotaPeriod period);
std::optional<QuotaPeriod> parse_quota_period(std::string_view text);

// A rate over a longer stretch: at most `count` in any `seconds`, written "500/10m".
struct WindowLimit {
  std::uint32_t count = 0;
  std::uint32_t seconds = 0;  // 1 to 3600; 0 = there is none
  bool operator==(const WindowLimit&) const = default;
};
std::string to_string(const WindowLimit& window);
std::optional<WindowLimit> parse_window_limit(std::string_view text);
inline constexpr std::size_t kMaxWindows = 2;

struct Limits {
  std::optional<std::uint32_t> rate_per_second;
  std::optional<std::uint32_t> burst;  // default: rate_per_second; below it is an error
  std::optional<std::uint64_t> quota;
  QuotaPeriod quota_period = QuotaPeriod::Day;
  std::uint8_t quota_anchor = 1;  // 1 to 31: the day on which a month begins, or the month's last
  ZoneId quota_zone = {};         // none: the account's
  std::array<WindowLimit, kMaxWindows> windows{};  // beside the rate per second
  std::optional<std::uint32_t> concurrency = {};   // requests in flight
  bool operator==(const Limits&) const = default;
  bool has_rate() const { return rate_per_second.has_value() || windows[0].seconds != 0; }
  bool empty() const { return !has_rate() && !quota && !concurrency; }
};
// "500/10m 20000/1h"; empty without windows. read_windows is false for what is not written so.
std::string windows_text(const Limits& limits);
bool read_windows(std::string_view text, Limits& limits);
// "rate=10 burst=20 window=500/10m quota=100/day concurrency=3", as --open takes them.
std::string short_text(const Limits& limits);

// An operator's act on what one quota has counted in its present period.
struct QuotaChange {
  SubscriptionId subscription;
  std::string scope;  // as in limit/quota_store.h
  QuotaPeriod period = QuotaPeriod::Day;
  std::uint8_t anchor = 1;
  ZoneId zone;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint64_t granted = 0;  // on top of the quota, until the period ends
  std::uint32_t epoch = 0;    // counts the resets; marks of an earlier one say nothing any more
  bool reset = false;         // nothing counts as used
};

}  // namespace sallyport
