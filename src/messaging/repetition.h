// When a message is sent again. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "messaging/message.h"

namespace sallyport::messaging {

// The time behind `before_us`: days by the calendar of its zone, hours and minutes by the clock
// that only goes on. `first_us` is when the message was sent first: days alone keep its time of
// day. nullopt when the repetition has no distance.
std::optional<std::int64_t> next_repetition_us(const Repetition& repetition, std::int64_t before_us,
                                               std::int64_t first_us);

}  // namespace sallyport::messaging
