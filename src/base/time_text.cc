#include "base/time_text.h"

#include <date/tz.h>
#include <fmt/core.h>

#include <chrono>
#include <exception>

namespace sallyport {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using SysUs = date::sys_time<microseconds>;

constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year;
  unsigned month, day, weekday;
  int hour, minute, second;
  int micro;
};

Civil civil_of(std::int64_t unix_us) {
  const SysUs time{microseconds{unix_us}};
  const auto day = date::floor<date::days>(time);
  const date::year_month_day ymd{day};
  const date::hh_mm_ss<microseconds> clock{time - day};
  return {int(ymd.year()),
          unsigned(ymd.month()),
          unsigned(ymd.day()),
          date::weekday{day}.c_encoding(),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

const date::time_zone* zone_or_null(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {  // the library's way to say "unknown zone"
    return nullptr;
  }
}

}  // namespace

std::string rfc3339(std::int64_t unix_us) {
  const Civil c = civil_of(unix_us);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second, c.micro);
}

std::string rfc3339_seconds(std::int64_t unix_us) {
  const Civil c = civil_of(unix_us);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour,
                     c.minute, c.second);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  // "YYYY-MM-DDTHH:MM:SS[.frac](Z|+HH:MM)", RFC 3339 5.6; a leap second is read as the next one.
  auto number = [&text](std::size_t at, std::size_t digits) -> int {
    if (at + digits > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (year < 0 || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60) {
    return std::nullopt;
  }
  const date::year_month_day ymd{date::year{year}, date::month{static_cast<unsigned>(month)},
                                 date::day{static_cast<unsigned>(day)}};
  if (!ymd.ok()) return std::nullopt;
  std::size_t at = 19;
  std::int64_t micro = 0;
  if (text[at] == '.') {
    std::int64_t unit = 100'000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
      micro += (text[at] - '0') * unit;
    }
    if (at == first) return std::nullopt;
  }
  std::int64_t offset_minutes = 0;
  if (at + 1 == text.size() && (text[at] | 0x20) == 'z') {
    offset_minutes = 0;
  } else if (at + 6 == text.size() && (text[at] == '+' || text[at] == '-') && text[at + 3] == ':') {
    const int hours = number(at + 1, 2), minutes = number(at + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    offset_minutes = (text[at] == '+' ? 1 : -1) * (hours * 60 + minutes);
  } else {
    return std::nullopt;
  }
  const std::int64_t days = date::sys_days{ymd}.time_since_epoch().count();
  const std::int64_t total = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
  return total * 1'000'000 + micro;
}

std::string iso8601_in_zone(std::int64_t unix_us, const std::string& zone) {
  std::int64_t offset = 0;
  if (const auto* found = zone_or_null(zone)) {
    const SysUs time{microseconds{unix_us}};
    offset = found->get_info(date::floor<seconds>(time)).offset.count();
  }
  const Civil c = civil_of(unix_us + offset * 1'000'000);
  const std::int64_t minutes = (offset < 0 ? -offset : offset) / 60;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{:02}:{:02}", c.year, c.month, c.day,
                     c.hour, c.minute, c.second, offset < 0 ? '-' : '+', minutes / 60,
                     minutes % 60);
}

bool is_time_zone(const std::string& zone) { return zone_or_null(zone) != nullptr; }

std::string imf_fixdate(std::int64_t unix_us) {
  const Civil c = civil_of(unix_us);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[c.weekday], c.day,
                     kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
}

std::string long_date(std::int64_t unix_us) {
  constexpr const char* kLongDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                       "Thursday", "Friday", "Saturday"};
  constexpr const char* kLongMonths[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
  const Civil c = civil_of(unix_us);
  return fmt::format("{}, {} {}, {} {}:{:02}:{:02} {} GMT", kLongDays[c.weekday],
                     kLongMonths[c.month - 1], c.day, c.year, (c.hour + 11) % 12 + 1, c.minute,
                     c.second, c.hour < 12 ? "AM" : "PM");
}

std::string rfc5322_date(std::int64_t unix_us) {
  const Civil c = civil_of(unix_us);
  return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", kDays[c.weekday], c.day,
                     kMonths[c.month - 1], c.year, c.hour, c.minute, c.second);
}

Period period_utc(QuotaPeriod period, std::int64_t unix_us) {
  constexpr std::int64_t kMinute = 60'000'000;
  auto fixed = [unix_us](std::int64_t length) {
    const std::int64_t start = (unix_us >= 0 ? unix_us : unix_us - length + 1) / length * length;
    return Period{start, start + length};
  };
  switch (period) {
    case QuotaPeriod::Minute: return fixed(kMinute);
    case QuotaPeriod::Hour: return fixed(60 * kMinute);
    case QuotaPeriod::Day: return fixed(24 * 60 * kMinute);
    case QuotaPeriod::Month: break;
  }
  const date::year_month_day ymd{date::floor<date::days>(SysUs{microseconds{unix_us}})};
  const date::year_month month{ymd.year(), ymd.month()};
  auto start_of = [](date::year_month ym) {
    return std::chrono::duration_cast<microseconds>(
               date::sys_days{ym / date::day{1}}.time_since_epoch())
        .count();
  };
  return Period{start_of(month), start_of(month + date::months{1})};
}

}  // namespace sallyport
