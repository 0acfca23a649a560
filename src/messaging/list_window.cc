#include "messaging/list_window.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/time_text.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kDayUs = 24 * 60 * kMinuteUs;
constexpr std::int64_t kDefaultDays = 7;

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The zone's distance to UTC at a moment, read from its own text: "...+11:00".
std::int64_t offset_us(std::int64_t unix_us, const std::string& zone) {
  const std::string text = iso8601_in_zone(unix_us, zone);
  const auto as_utc = parse_rfc3339(text.substr(0, 19) + "Z");
  return as_utc ? *as_utc - unix_us / 1'000'000 * 1'000'000 : 0;
}

}  // namespace

std::optional<std::int64_t> local_minute(std::string_view date, std::string_view time,
                                         const std::string& zone) {
  if (date.size() != 10 || date[2] != '/' || date[5] != '/' || time.size() != 5 || time[2] != ':') {
    return std::nullopt;
  }
  const std::string_view day = date.substr(0, 2);
  const std::string_view month = date.substr(3, 2);
  const std::string_view year = date.substr(6);
  const std::string_view hour = time.substr(0, 2);
  const std::string_view minute = time.substr(3);
  for (const std::string_view part : {day, month, year, hour, minute}) {
    if (!all_digits(part)) return std::nullopt;
  }
  if (year < "1970") return std::nullopt;
  const auto wall =
      parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:00Z", year, month, day, hour, minute));
  if (!wall) return std::nullopt;
  // The offsets on both sides of a change of the clock, if there is one: no zone is a day from UTC.
  const std::int64_t before = offset_us(*wall - kDayUs, zone);
  const std::int64_t after = offset_us(*wall + kDayUs, zone);
  const auto holds = [&](std::int64_t offset) { return offset_us(*wall - offset, zone) == offset; };
  // RFC 5545 3.3.5: an hour that comes twice is the first of the two, one that is left out goes by
  // the offset before it.
  return *wall - (holds(before) || !holds(after) ? before : after);
}

std::expected<ListWindow, std::string> list_window_of(const http::Request& request,
                                                      std::int64_t now_us,
                                                      const std::string& zone) {
  ListWindow window;
  window.from_us = now_us - kDefaultDays * kDayUs;
  window.to_us = now_us;
  if (const auto view = request.query_value("viewType"); view && !view->empty()) {
    if (*view != "shared" && *view != "private") {
      return std::unexpected("The parameter viewType must be shared");
    }
    window.all_users = *view == "shared";
  }
  if (const auto label = request.query_value("label"); label && !label->empty()) {
    window.label = std::string(*label);
  }
  const auto from_date = request.query_value("criteriaFromDate");
  const auto from_time = request.query_value("criteriaFromTime");
  const auto to_date = request.query_value("criteriaToDate");
  const auto to_time = request.query_value("criteriaToTime");
  if (!from_date && !from_time && !to_date && !to_time) return window;
  if (!from_date || !from_time || !to_date || !to_time) {
    return std::unexpected(
        "A search by date needs all of criteriaFromDate, criteriaFromTime, criteriaToDate and "
        "criteriaToTime");
  }
  const auto from = local_minute(*from_date, *from_time, zone);
  const auto to = local_minute(*to_date, *to_time, zone);
  if (!from || !to) {
    return std::unexpected("A search by date takes dates as dd/mm/yyyy and times as hh:mm");
  }
  if (*from > *to) return std::unexpected("The search by date ends before it begins");
  window.from_us = *from;
  window.to_us = *to + kMinuteUs - 1;  // the whole last minute
  return window;
}

}  // namespace sallyport::messaging
