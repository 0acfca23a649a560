// When what could not be delivered is tried again, by what the trouble was. The table in
// docs/operations.md tells the same. Pure but for the dice.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "config/config.h"
#include "messaging/channel.h"
#include "messaging/message_store.h"

namespace sallyport::messaging {

// The wait behind the attempt of this number (from 1), plus or minus a tenth, so that what failed
// together does not come back together.
std::int64_t retry_delay_us(const config::Messaging& config, RecipientResult::Cause cause,
                            std::int32_t attempts, Random& random);

// How long a destination that nobody could be reached at is left alone, after so many failures in a
// row (from 1). Not random.
std::int64_t pause_us(const config::Messaging& config, std::int32_t failures);

// An attempt that has ended, for one recipient.
struct EndedAttempt {
  const Message& message;
  const Recipient& recipient;     // its attempts count this one
  const RecipientResult* result;  // nullptr: the channel said nothing about it
  std::int64_t started_us = 0;
  std::int64_t now_us = 0;
  std::int64_t expires_us = 0;  // no attempt after that
};
DeliveryUpdate outcome_of(const config::Messaging& config, InDoubtPolicy policy,
                          const EndedAttempt& ended, Random& random);

}  // namespace sallyport::messaging
