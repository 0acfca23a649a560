// The SMPP channel: hands SMS to SMSCs over binds that stay, each message in as many parts as its
// text takes, to whichever bind has room; what the SMSC says of them later, and what people write
// back, goes to the store before it is answered. Owned by the composition, on the delivery loop.
// Never fails: an SMSC that is away, slow or full defers.
//
// A part that was accepted is not sent again when a later one has to be.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "config/channels.h"
#include "messaging/channel.h"
#include "messaging/channels/smpp/link.h"
#include "messaging/connector.h"
#include "messaging/loop_wait.h"
#include "messaging/sms_store.h"

namespace sallyport::messaging {

class SmppChannel final : public Channel {
 public:
  // All of these outlive the channel.
  SmppChannel(const config::SmsChannel& settings, SmsStore& store, Connector& connector, Loop& loop,
              const Clock& clock);
  ~SmppChannel() override;
  SmppChannel(const SmppChannel&) = delete;
  SmppChannel& operator=(const SmppChannel&) = delete;

  // Reads the password files of the binds. Invalid, naming the file, when one is of no use.
  Result<void> load_passwords();
  void start();  // any thread, once, behind load_passwords(): binds
  // Any thread. The first: nothing new is sent, what is under way may be answered. The second,
  // behind it: the SMSCs are told, `done` is called on the loop soon.
  void stop();
  void close(Callback done);

  // By bind, in the order of the settings. Any thread.
  const std::deque<SmppCounters>& counters() const { return counters_; }

  ChannelKind kind() const override { return ChannelKind::Sms; }
  Task<Delivery> deliver(Attempt attempt) override;

 private:
  using Wakers = std::deque<LoopWait<bool>::Resolver>;
  struct Group;
  struct Sent {
    SmppAnswer answer;
    const SmppBind* bind = nullptr;  // who gave it
  };

  void open();
  SmppLink* choose() const;
  void wake_all();
  Task<void> send_one(const Attempt* attempt, std::int32_t index, Group* group);
  Task<RecipientResult> send(const Message* message, const Recipient* recipient);
  Task<Sent> submit(SubmitRequest request, AcceptedPart part);
  Task<void> record(AcceptedPart part);
  void record_late(AcceptedPart part);
  Task<bool> pause(std::int64_t us, bool until_bound);

  void take(std::size_t bind_index, const Delivered& delivered, SmppLink::Reply reply);
  void take_incoming(const SmppBind& bind, const Delivered& delivered, SmppLink::Reply reply);
  Done<bool> answered_by(SmppLink::Reply reply);

  const config::SmsChannel& settings_;
  SmsStore& store_;
  Connector& connector_;
  Loop& loop_;
  const Clock& clock_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::vector<Secret> passwords_;
  std::deque<SmppCounters> counters_;
  std::vector<std::unique_ptr<SmppLink>> links_;
  Wakers waiting_;  // for a bind
  bool stopping_ = false;
};

}  // namespace sallyport::messaging
