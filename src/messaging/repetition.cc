#include "messaging/repetition.h"

#include "base/time_text.h"
#include "messaging/list_window.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kDayUs = 1440 * kMinuteUs;

}  // namespace

std::optional<std::int64_t> next_repetition_us(const Repetition& repetition,
                                               std::int64_t before_us) {
  const std::int64_t more = (repetition.hours * 60LL + repetition.minutes) * kMinuteUs;
  if (repetition.days <= 0) {
    if (more <= 0) return std::nullopt;
    return before_us + more;
  }
  // The same minute of the day, so many days on, as the zone's clock shows it.
  const std::string local = iso8601_in_zone(before_us, repetition.zone);
  const auto wall = parse_rfc3339(local.substr(0, 19) + "Z");
  if (!wall) return before_us + repetition.days * kDayUs + more;
  const std::string then = rfc3339_seconds(*wall + repetition.days * kDayUs);
  const std::string date = then.substr(8, 2) + "/" + then.substr(5, 2) + "/" + then.substr(0, 4);
  const auto minute = local_minute(date, then.substr(11, 5), repetition.zone);
  if (!minute) return before_us + repetition.days * kDayUs + more;
  return *minute + *wall % kMinuteUs + more;
}

}  // namespace sallyport::messaging
