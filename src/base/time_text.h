// Times as text and calendar periods, in UTC or in a named zone. Microseconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/entities.h"

namespace sallyport {

std::string rfc3339(std::int64_t unix_us);          // "2026-11-24T09:02:18.123456Z"
std::string rfc3339_seconds(std::int64_t unix_us);  // "2026-11-24T09:02:18Z"
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
// "2026-11-24T20:02:18+11:00" in the zone; UTC when the zone is unknown.
std::string iso8601_in_zone(std::int64_t unix_us, const std::string& zone);
bool is_time_zone(const std::string& zone);
std::string imf_fixdate(std::int64_t unix_us);  // RFC 9110 5.6.7
// "Saturday, July 30, 2016 12:00:00 AM GMT": what clients of Mashery-fronted APIs read.
std::string long_date(std::int64_t unix_us);
std::string rfc5322_date(std::int64_t unix_us);  // "Tue, 24 Nov 2026 09:02:18 +0000"

// The calendar period in UTC that holds the time: [start, end).
struct Period {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
};
Period period_utc(QuotaPeriod period, std::int64_t unix_us);

}  // namespace sallyport
