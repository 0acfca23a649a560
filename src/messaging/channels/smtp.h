// The SMTP channel: hands mails to a relay over connections that are kept and used again, a bounded
// number of them at a time; to the next relay when one is away. Owned by the composition, called on
// the delivery loop. Never fails: relays that are away, slow or wrong defer.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/secret.h"
#include "config/config.h"
#include "messaging/channel.h"
#include "messaging/channels/smtp_session.h"
#include "messaging/connector.h"
#include "messaging/loop_wait.h"
#include "messaging/outgoing_mail.h"

namespace sallyport::messaging {

class SmtpChannel final : public Channel {
 public:
  // All of these outlive the channel. Without a loop connections that wait are let go at the next
  // mail only.
  SmtpChannel(const config::SmtpChannel& settings, OutgoingMail& mail, Connector& connector,
              const Clock& clock, Loop* loop = nullptr);
  ~SmtpChannel() override;
  SmtpChannel(const SmtpChannel&) = delete;
  SmtpChannel& operator=(const SmtpChannel&) = delete;

  // Reads the password files of the relays. Invalid, naming the file, when one cannot be read or
  // others may read it.
  Result<void> load_passwords();

  ChannelKind kind() const override { return ChannelKind::Email; }
  Task<Delivery> deliver(Attempt attempt) override;

 private:
  using Results = std::vector<RecipientResult>;
  struct Idle {
    std::unique_ptr<SmtpSession> session;
    std::int64_t since_us = 0;
  };
  struct Relay {
    const config::SmtpRelay* settings = nullptr;
    Secret password;
    std::deque<Idle> idle;           // the freshest at the back
    std::int64_t away_until_us = 0;  // nobody answered: not asked before that
  };

  void release();
  Task<Results> hand_over(const SmtpMail* mail);
  Task<Results> hand_to(Relay* relay, const SmtpMail* mail);
  std::unique_ptr<SmtpSession> take_idle(Relay& relay);
  void keep(Relay& relay, std::unique_ptr<SmtpSession> session);
  void drop_idle();

  const config::SmtpChannel& settings_;
  OutgoingMail& mail_;
  std::string helo_;
  Connector& connector_;
  const Clock& clock_;
  Loop* loop_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // on the loop only
  std::vector<Relay> relays_;
  std::int64_t drop_idle_us_ = 0;  // when the next look at those that wait is due
  std::uint32_t in_use_ = 0;
  std::deque<LoopWait<bool>::Resolver> waiting_;  // each is given a place that was left
};

}  // namespace sallyport::messaging
