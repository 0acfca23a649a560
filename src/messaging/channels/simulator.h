// The channel of test environments: nothing leaves the process, and the recipient says what comes
// of it. What "arrives" by email is written as a file too, so that it can be looked at. Owned by
// the composition, on the delivery loop.
//
// By the part of an address before '@', or before '+' in it: failed, deferred (never arrives), busy
// (once, then arrives), slow (some seconds), indoubt; by the last four digits of a phone number in
// the same order: 0001 to 0005. Everybody else is delivered.
#pragma once

#include "base/clock.h"
#include "base/loop.h"
#include "messaging/channel.h"

namespace sallyport::messaging {

class SimulatorChannel final : public Channel {
 public:
  // `files` may be nullptr.
  SimulatorChannel(Channel* files, Loop& loop, const Clock& clock)
      : files_(files), loop_(loop), clock_(clock) {}
  ChannelKind kind() const override { return ChannelKind::Email; }
  Task<Delivery> deliver(Attempt attempt) override;

 private:
  Channel* files_;
  Loop& loop_;
  const Clock& clock_;
};

}  // namespace sallyport::messaging
