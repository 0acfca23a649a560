// What becomes of a submission, and what a refusal of the SMSC means. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>

#include "messaging/channels/smpp/counters.h"
#include "messaging/channels/smpp/pdu.h"

namespace sallyport::messaging {

struct SmppAnswer {
  enum class Kind : std::uint8_t {
    Accepted,
    Refused,    // by the SMSC, for good
    Temporary,  // by the SMSC, for now
    Throttled,  // too fast, or its queue is full: this was no attempt
    Away,       // nothing was sent: no bind, or no room in the window in time
    InDoubt,    // sent, and no response came
  };
  Kind kind = Kind::Away;
  std::uint32_t status = kSmppOk;
  std::string id;  // of Accepted: the SMSC's message id, as written
};

// For now, or for good: everything that speaks of the message, its addresses or our rights is.
SmppAnswer::Kind answer_kind(std::uint32_t status);

void count_answer(SmppCounters& counters, SmppAnswer::Kind kind);

}  // namespace sallyport::messaging
