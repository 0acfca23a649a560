// One bind to an SMSC: connects, binds as a transceiver, keeps a window of submissions in flight,
// asks whether the other side still lives, hands on what it delivers, and connects again when the
// connection is lost. Owned by the SMPP channel, everything on the delivery loop. Nothing fails: a
// submission always gets an Answer, within its deadline.
//
// The point of no return is the submit_sm itself: a connection that breaks between it and its
// response leaves the submission in doubt.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/loop.h"
#include "base/secret.h"
#include "config/channels.h"
#include "messaging/channels/smpp/answer.h"
#include "messaging/channels/smpp/counters.h"
#include "messaging/channels/smpp/pdu.h"
#include "messaging/connector.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging {

using config::SmppBind;

class SmppLink {
 public:
  // What the SMSC delivers. `reply` takes the command_status of the deliver_sm_resp, once: after
  // what was delivered is durable. On the delivery loop.
  using Reply = std::move_only_function<void(std::uint32_t status)>;
  using OnDeliver = std::function<void(Delivered delivered, Reply reply)>;
  using OnBound = std::function<void()>;
  // The id of what had been given up as in doubt: its response came after all.
  using OnLate = std::move_only_function<void(std::string id)>;

  // All of these outlive the link.
  SmppLink(const SmppBind& bind, Secret password, Connector& connector, Loop& loop,
           const Clock& clock, SmppCounters& counters, OnDeliver on_deliver, OnBound on_bound = {});
  ~SmppLink();
  SmppLink(const SmppLink&) = delete;
  SmppLink& operator=(const SmppLink&) = delete;

  void start();  // once
  Task<SmppAnswer> submit(SubmitRequest request, OnLate on_late = {});
  // Nothing is sent any more and no connection made again; what waits for a place is Away. The
  // responses to what was sent may still come, until close().
  void stop();
  bool close();  // behind stop(): tells the SMSC that we go; false: it was not bound

  bool bound() const { return bound_ && !stopping_; }
  // Free places in the window; none while it is not bound or has been told to slow down.
  std::size_t room() const;
  const SmppBind& settings() const { return bind_; }

 private:
  using Outcome = LoopWait<SmppAnswer>::Resolver;
  struct Submission {
    Outcome resolve;
    OnLate on_late;
  };

  Task<void> run();
  Task<Result<void>> open();
  Task<Result<void>> bind();
  Task<void> converse();
  void take(const SmppPdu& pdu);
  void take_delivery(const SmppPdu& pdu);
  void answered(const SmppPdu& pdu);
  void answered_late(const SmppPdu& pdu);
  void give_up(std::uint32_t sequence);
  void show_window();
  void lost();
  void send_away();
  Task<void> pause(std::int64_t us);

  void send(const SmppPdu& pdu);
  void begin_writing();
  Task<void> write();
  void tick();
  void admit();
  std::int64_t after(std::chrono::milliseconds time) const;
  std::uint32_t next_sequence();

  const SmppBind& bind_;
  Secret password_;
  Connector& connector_;
  Loop& loop_;
  const Clock& clock_;
  SmppCounters& counters_;
  OnDeliver on_deliver_;
  OnBound on_bound_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  std::unique_ptr<Stream> stream_;
  std::string input_;
  std::string output_;
  bool writing_ = false;
  bool bound_ = false;
  bool stopping_ = false;
  std::uint32_t sequence_ = 0;
  std::int64_t heard_us_ = 0;  // when a PDU last came
  std::int64_t asked_us_ = 0;  // when enquire_link was last sent
  std::int64_t slow_until_us_ = 0;
  std::int64_t slow_us_ = 0;  // how long the next slowing down lasts
  std::int64_t next_send_us_ = 0;
  std::uint32_t reconnects_ = 0;  // in a row, without a bind
  std::uint64_t connection_ = 0;  // counts, so that a late reply goes to no other connection

  std::map<std::uint32_t, Submission> outstanding_;  // by sequence
  std::map<std::uint32_t, OnLate> overdue_;          // given up, on this connection
  std::deque<LoopWait<bool>::Resolver> waiting_;     // for a place in the window
  std::size_t admitted_ = 0;                         // hold a place and have not sent yet
  bool admitting_ = false;                           // a timer is set
  std::size_t delivering_ = 0;                       // handed on and not answered yet

  Task<void> run_;
  Task<void> write_;
};

}  // namespace sallyport::messaging
