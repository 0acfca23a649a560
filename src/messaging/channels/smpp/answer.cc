#include "messaging/channels/smpp/answer.h"

namespace sallyport::messaging {

// Numbers of 5.1.3.
SmppAnswer::Kind answer_kind(std::uint32_t status) {
  switch (status) {
    case kSmppOk: return SmppAnswer::Kind::Accepted;
    case kSmppThrottled:
    case kSmppQueueFull: return SmppAnswer::Kind::Throttled;
    case 0x04:              // wrong bind state
    case kSmppSystemError:  //
    case 0x45:              // submission failed
    case kSmppTemporary: return SmppAnswer::Kind::Temporary;
    default: return SmppAnswer::Kind::Refused;
  }
}

void count_answer(SmppCounters& counters, SmppAnswer::Kind kind) {
  switch (kind) {
    case SmppAnswer::Kind::Accepted: ++counters.accepted; break;
    case SmppAnswer::Kind::Refused: ++counters.refused; break;
    case SmppAnswer::Kind::Temporary: ++counters.deferred; break;
    case SmppAnswer::Kind::Throttled: ++counters.throttled; break;
    case SmppAnswer::Kind::InDoubt: ++counters.in_doubt; break;
    case SmppAnswer::Kind::Away: break;  // it was never submitted
  }
}

}  // namespace sallyport::messaging
