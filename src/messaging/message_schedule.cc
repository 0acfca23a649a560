#include "messaging/message_schedule.h"

#include <fmt/core.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/encoding.h"
#include "base/time_text.h"
#include "messaging/list_window.h"
#include "messaging/repetition.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kFarthestUs = 366LL * 1440 * kMinuteUs;
constexpr std::int32_t kMaxValidity = 30 * 1440;  // minutes
constexpr std::int32_t kMaxStep = 366 * 1440;

std::string text_of(const InputValue& input, std::string_view name) {
  const InputValue* value = input.find(name);
  return value == nullptr || !value->is_scalar() ? std::string()
                                                 : std::string(trim_ascii(value->text));
}

// Clients write numbers as numbers and as texts; what is not there is 0.
std::expected<std::int32_t, std::string> number_of(const InputValue& input, std::string_view name,
                                                   std::int32_t most) {
  const std::string text = text_of(input, name);
  if (text.empty()) return 0;
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) {
    return std::unexpected(
        fmt::format("The field \"{}\" must be a whole number from 0 to {}", name, most));
  }
  return value;
}

std::expected<void, std::string> read_repetition(const InputValue& input, bool repeats,
                                                 const std::string& zone, AcceptedMessage& out) {
  const auto count = number_of(input, "repetitionCount", kMaxRepetitions);
  const auto days = number_of(input, "repeatDays", kMaxStep);
  const auto hours = number_of(input, "repeatHrs", kMaxStep);
  const auto minutes = number_of(input, "repeatMin", kMaxStep);
  for (const auto* one : {&count, &days, &hours, &minutes}) {
    if (!*one) return std::unexpected(one->error());
  }
  if (!repeats) return {};
  if (*count == 0) {
    return std::unexpected("A message that repeats needs a \"repetitionCount\" above 0");
  }
  if (*days + *hours + *minutes == 0) {
    return std::unexpected(
        "A message that repeats needs one of \"repeatDays\", \"repeatHrs\" and \"repeatMin\"");
  }
  out.repetition = {*count, *days, *hours, *minutes, zone};
  return {};
}

}  // namespace

std::expected<void, std::string> read_schedule(const InputValue& input, const InputRules& rules,
                                               AcceptedMessage& out) {
  const auto validity = number_of(input, "validityMinutes", kMaxValidity);
  if (!validity) return std::unexpected(validity.error());
  out.validity_us = *validity * kMinuteUs;

  const std::string message_type = text_of(input, "messageType");
  const std::string type = text_of(input, "scheduleType");
  const std::string date = text_of(input, "scheduleDate");
  const bool scheduled = equal_ascii_case(message_type, "SCHEDULED");
  if (!scheduled) {
    // A slip in this word must not send at once what was meant for later.
    if (!message_type.empty() && !equal_ascii_case(message_type, "DEFAULT") &&
        !equal_ascii_case(message_type, "IMMEDIATE")) {
      return std::unexpected("The field \"messageType\" must be SCHEDULED, or left out");
    }
    if (!type.empty() || !date.empty()) {
      return std::unexpected(
          "\"scheduleType\" and \"scheduleDate\" need \"messageType\": \"SCHEDULED\"");
    }
    return {};
  }
  const bool repeats = equal_ascii_case(type, "REPEAT");
  if (!repeats && !type.empty() && !equal_ascii_case(type, "ONCE")) {
    return std::unexpected("The field \"scheduleType\" must be ONCE or REPEAT");
  }
  const std::size_t blank = date.find(' ');
  const auto at =
      blank == std::string::npos
          ? std::nullopt
          : local_minute(date.substr(0, blank), trim_ascii(std::string_view(date).substr(blank)),
                         rules.time_zone);
  if (!at) {
    return std::unexpected(
        "The field \"scheduleDate\" must be a date and a time as "
        "dd/MM/yyyy HH:mm");
  }
  if (*at < rules.now_us - kMinuteUs) {
    return std::unexpected(
        fmt::format("The field \"scheduleDate\" is past: it is read in the time "
                    "zone {}",
                    rules.time_zone));
  }
  if (*at > rules.now_us + kFarthestUs) {
    return std::unexpected("The field \"scheduleDate\" is more than a year away");
  }
  out.not_before_us = *at;
  return read_repetition(input, repeats, rules.time_zone, out);
}

std::string schedule_date(std::int64_t unix_us, const std::string& zone) {
  const std::string local = iso8601_in_zone(unix_us, zone);
  return fmt::format("{}/{}/{} {}", local.substr(8, 2), local.substr(5, 2), local.substr(0, 4),
                     local.substr(11, 5));
}

}  // namespace sallyport::messaging
