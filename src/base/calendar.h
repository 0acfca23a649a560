// Calendar periods in named time zones, right across daylight saving, skipped days and leap days.
// Microseconds since 1970. Pure, any thread; a few microseconds each, so nothing to do under a
// lock.
#pragma once

#include <cstdint>

#include "base/entities.h"
#include "base/time_text.h"
#include "base/time_zone.h"

namespace sallyport {

// The period that holds the time, [start, end), in the zone (none: UTC). A day begins with its
// first instant, wherever the zone's midnight is; a month on day `anchor`, or on its last day where
// it has no such day. Where the clock is set by less than an hour, an hour ends there.
Period period_of(ZoneId zone, QuotaPeriod period, std::uint8_t anchor, std::int64_t unix_us);

}  // namespace sallyport
