#include "base/calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace sallyport {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

std::int64_t us_of(date::sys_seconds time) {
  return std::chrono::duration_cast<microseconds>(time.time_since_epoch()).count();
}

date::local_days begin_of_month(date::year_month month, std::uint8_t anchor) {
  const date::day last =
      date::year_month_day_last{month.year(), date::month_day_last{month.month()}}.day();
  const date::day day{std::min<unsigned>(anchor == 0 ? 1 : anchor, static_cast<unsigned>(last))};
  return date::local_days{month / day};
}

struct LocalSpan {
  date::local_days start;
  date::local_days end;
};

LocalSpan span_of(QuotaPeriod period, std::uint8_t anchor, date::local_days today) {
  if (period == QuotaPeriod::Day) return {today, today + date::days{1}};
  const date::year_month_day date{today};
  date::year_month month{date.year(), date.month()};
  if (today < begin_of_month(month, anchor)) month -= date::months{1};
  return {begin_of_month(month, anchor), begin_of_month(month + date::months{1}, anchor)};
}

// Minutes and hours, counted on the zone's own clock.
Period short_period(const date::sys_info& info, seconds length, date::sys_seconds now) {
  const auto local = now.time_since_epoch() + info.offset;
  const auto into = (local % length + length) % length;
  const date::sys_seconds start = now - into;
  return {us_of(std::max(start, info.begin)), us_of(std::min(start + length, info.end))};
}

const date::time_zone* zone_of(ZoneId id) {
  try {
    return date::locate_zone(id ? std::string(zone_name(id)) : "UTC");
  } catch (const std::exception&) {  // the library's way to say that it has no such zone
    return nullptr;
  }
}

}  // namespace

Period period_of(ZoneId zone, QuotaPeriod period, std::uint8_t anchor, std::int64_t unix_us) {
  const bool plain_month = period == QuotaPeriod::Month && anchor > 1;
  const date::time_zone* found = !zone || zone == kUtc ? nullptr : zone_of(zone);
  if (found == nullptr && !plain_month) return period_utc(period, unix_us);
  const date::sys_seconds now =
      date::floor<seconds>(date::sys_time<microseconds>{microseconds{unix_us}});
  if (found == nullptr) {
    const auto today = date::floor<date::days>(date::local_seconds{now.time_since_epoch()});
    const LocalSpan span = span_of(period, anchor, today);
    return {us_of(date::sys_seconds{span.start.time_since_epoch()}),
            us_of(date::sys_seconds{span.end.time_since_epoch()})};
  }
  const date::sys_info info = found->get_info(now);
  if (period == QuotaPeriod::Minute) return short_period(info, seconds{60}, now);
  if (period == QuotaPeriod::Hour) return short_period(info, seconds{3'600}, now);
  const auto today =
      date::floor<date::days>(date::local_seconds{now.time_since_epoch() + info.offset});
  const LocalSpan span = span_of(period, anchor, today);
  const auto first = [found](date::local_days day) {
    return us_of(found->to_sys(date::local_seconds{day}, date::choose::earliest));
  };
  return {first(span.start), first(span.end)};
}

}  // namespace sallyport
