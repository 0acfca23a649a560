// The delivery side, put together: its thread, the channels that the configuration names,
// scheduler, housekeeping, and the listener for bounces. Owned by the server; build() and stop() on
// the control thread. What it is given outlives it.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "config/config.h"
#include "messaging/channels/lmtp_server.h"
#include "messaging/channels/net_connector.h"
#include "messaging/channels/smpp.h"
#include "messaging/channels/smtp.h"
#include "messaging/housekeeping.h"
#include "messaging/outgoing_mail.h"
#include "messaging/scheduler.h"
#include "messaging/sms_store.h"

namespace sallyport::server {

class Deliveries {
 public:
  Deliveries(const config::Config& config, messaging::MessageStore& store,
             messaging::SmsStore& sms_store, const messaging::SenderDirectory& senders,
             const Clock& clock);
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  Loop& loop() { return loop_; }  // a reader of the senders
  // Invalid: a password file or an address of the configuration is of no use. `store_key` unseals
  // DKIM keys, and the addresses that bounces come back to are made with it.
  Result<void> build(Secret store_key);
  void start();
  // Any thread; before build() nobody is woken.
  void wake() {
    if (scheduler_) scheduler_->wake();
  }
  // Attempts under way end, then the thread does.
  void stop();

  const messaging::DeliveryCounters& counters() const { return scheduler_->counters(); }
  const messaging::SmppChannel* smsc() const { return smsc_.get(); }  // nullptr without a bind
  std::uint16_t bounce_port() const { return acceptor_ ? acceptor_->port() : std::uint16_t{0}; }

 private:
  Result<void> listen_for_bounces(Secret key);

  const config::Config& config_;
  messaging::MessageStore& store_;
  messaging::SmsStore& sms_store_;
  const messaging::SenderDirectory& senders_;
  const Clock& clock_;
  SystemRandom random_;
  messaging::DeliveryLoop loop_;
  std::unique_ptr<messaging::Connector> connector_ = loop_.make_connector();
  messaging::OutgoingMail mail_;
  std::unique_ptr<messaging::Channel> files_;
  std::unique_ptr<messaging::Channel> simulator_;
  std::unique_ptr<messaging::SmtpChannel> relay_;
  std::unique_ptr<messaging::SmppChannel> smsc_;
  std::unique_ptr<messaging::Scheduler> scheduler_;
  std::unique_ptr<messaging::Housekeeping> housekeeping_;
  std::unique_ptr<messaging::LmtpServer> bounces_;
  std::unique_ptr<messaging::Acceptor> acceptor_;
};

}  // namespace sallyport::server
