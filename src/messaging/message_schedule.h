// When a posted message is to be sent: at once, at a time, again and again; and for how long it is
// worth anything. Pure, any thread; a refusal is the text of a 422.
#pragma once

#include <expected>
#include <string>

#include "messaging/input_value.h"
#include "messaging/message_input.h"

namespace sallyport::messaging {

inline constexpr std::int32_t kMaxRepetitions = 1'000;

// Reads messageType, scheduleType, scheduleDate, repetitionCount, repeatDays, repeatHrs, repeatMin
// and validityMinutes into `out`.
std::expected<void, std::string> read_schedule(const InputValue& input, const InputRules& rules,
                                               AcceptedMessage& out);

// "24/11/2026 09:30" in the zone.
std::string schedule_date(std::int64_t unix_us, const std::string& zone);

}  // namespace sallyport::messaging
