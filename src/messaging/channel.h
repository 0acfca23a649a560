// A way out for messages to recipients of one kind. Owned by the Scheduler and called on its loop;
// a channel never throws and ends within its own deadlines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "messaging/message.h"

namespace sallyport::messaging {

// One try of one message for some of its recipients that share a channel and a destination, which
// for mail is the domain.
struct Attempt {
  Message message;
  std::vector<std::int32_t> recipients;  // indices
};

struct RecipientResult {
  std::int32_t recipient = 0;
  // Delivered: the channel itself knows that it arrived.
  enum class Kind : std::uint8_t {
    Sent,
    Delivered,
    Deferred,
    Failed,
    InDoubt
  } kind = Kind::Deferred;
  std::int32_t code = 0;
  std::string text = {};
  // Of what is to be tried again: what the trouble was, which decides when (messaging/retry).
  enum class Cause : std::uint8_t {
    Recipient,    // this one: a full mailbox, greylisting
    Destination,  // nobody there could be reached, or it sends everybody away
    Throttled,    // too much at once: slower, and this was no attempt
  } cause = Cause::Recipient;
  std::string via = {};  // who answered: the relay's name
};

struct Delivery {
  std::vector<RecipientResult> results;  // one for each recipient of the attempt
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual ChannelKind kind() const = 0;
  virtual Task<Delivery> deliver(Attempt attempt) = 0;
};

// The ways out, by what they are for; none of them is owned. What has no channel fails with a text
// that says so. Messages of the test environment go to the simulator, never to the wire.
struct Channels {
  Channel* email = nullptr;
  Channel* sms = nullptr;
  Channel* simulator = nullptr;
  Channel* of(Environment environment, ChannelKind kind) const {
    if (environment != Environment::Live) return simulator;
    return kind == ChannelKind::Email ? email : sms;
  }
};

}  // namespace sallyport::messaging
