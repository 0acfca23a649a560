#include "messaging/repetition.h"

#include "base/time_text.h"
#include "messaging/list_window.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kDayUs = 1440 * kMinuteUs;

}  // namespace

std::optional<std::int64_t> next_repetition_us(const Repetition& repetition, std::int64_t before_us,
                                               std::int64_t first_us) {
  const std::int64_t more = (repetition.hours * 60LL + repetition.minutes) * kMinuteUs;
  if (repetition.days <= 0) {
    if (more <= 0) return std::nullopt;
    return before_us + more;
  }
  // The same minute of the day, so many days on, as the zone's clock shows it. Where nothing but
  // days counts that is the first one's minute: one that was left out on a day comes again.
  const auto wall_of = [&repetition](std::int64_t unix_us) {
    return parse_rfc3339(iso8601_in_zone(unix_us, repetition.zone).substr(0, 19) + "Z");
  };
  auto wall = wall_of(before_us);
  const auto first = wall_of(first_us);
  if (!wall || !first) return before_us + repetition.days * kDayUs + more;
  if (more == 0) *wall += *first % kDayUs - *wall % kDayUs;
  const std::string then = rfc3339_seconds(*wall + repetition.days * kDayUs);
  const std::string date = then.substr(8, 2) + "/" + then.substr(5, 2) + "/" + then.substr(0, 4);
  const auto minute = local_minute(date, then.substr(11, 5), repetition.zone);
  if (!minute) return before_us + repetition.days * kDayUs + more;
  return *minute + *wall % kMinuteUs + more;
}

}  // namespace sallyport::messaging
