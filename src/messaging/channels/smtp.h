// The SMTP channel: hands mails to one relay, each attempt over a connection of its own, a bounded
// number of them at a time. Owned by the composition, called on the delivery loop. Never fails: a
// relay that is away, slow or wrong defers.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "base/clock.h"
#include "config/config.h"
#include "messaging/channel.h"
#include "messaging/connector.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging {

class SmtpChannel final : public Channel {
 public:
  // All of these outlive the channel. `mail_from` is in the envelope and in From.
  SmtpChannel(const config::SmtpChannel& relay, std::string mail_from, Connector& connector,
              const Clock& clock);

  ChannelKind kind() const override { return ChannelKind::Email; }
  Task<Delivery> deliver(Attempt attempt) override;

 private:
  void release();

  const config::SmtpChannel& relay_;
  std::string mail_from_;
  std::string helo_;
  Connector& connector_;
  const Clock& clock_;
  std::uint32_t in_use_ = 0;
  std::deque<LoopWait<bool>::Resolver> waiting_;  // each is given a place that was left
};

}  // namespace sallyport::messaging
