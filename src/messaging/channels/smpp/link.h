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
#include "messaging/channels/smpp/pdu.h"
#include "messaging/connector.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging {

// One connection to an SMSC.
struct SmppBind {
  std::string name;  // in logs, statuses and metrics
  std::string host;
  std::uint16_t port = 2775;
  std::string system_id;
  std::string system_type;
  std::string password_file;  // the password, alone in a file that only we can read
  bool tls = false;
  bool verify = true;            // the SMSC's certificate
  std::string ca_file;           // empty = the system's authorities
  std::uint32_t window = 10;     // submissions without a response
  std::uint32_t per_second = 0;  // 0 = as fast as the window allows
  std::chrono::milliseconds enquire_interval{30'000};
  std::chrono::milliseconds timeout{30'000};  // to connect and bind, and for a response
};

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

class SmppLink {
 public:
  // What the SMSC delivers. `reply` takes the command_status of the deliver_sm_resp, once: after
  // what was delivered is durable. On the delivery loop.
  using Reply = std::move_only_function<void(std::uint32_t status)>;
  using OnDeliver = std::function<void(Delivered delivered, Reply reply)>;

  // All of these outlive the link.
  SmppLink(const SmppBind& bind, Secret password, Connector& connector, Loop& loop,
           const Clock& clock, OnDeliver on_deliver);
  ~SmppLink();
  SmppLink(const SmppLink&) = delete;
  SmppLink& operator=(const SmppLink&) = delete;

  void start();  // once
  Task<SmppAnswer> submit(SubmitRequest request);

  bool bound() const { return bound_; }
  // Free places in the window; none while it is not bound or has been told to slow down.
  std::size_t room() const;
  const std::string& name() const { return bind_.name; }

 private:
  using Outcome = LoopWait<SmppAnswer>::Resolver;

  Task<void> run();
  Task<Result<void>> open();
  Task<Result<void>> bind();
  Task<void> converse();
  void take(SmppPdu pdu);
  void take_delivery(const SmppPdu& pdu);
  void answered(const SmppPdu& pdu);
  void lost();
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
  OnDeliver on_deliver_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  std::unique_ptr<Stream> stream_;
  std::string input_;
  std::string output_;
  bool writing_ = false;
  bool bound_ = false;
  std::uint32_t sequence_ = 0;
  std::int64_t heard_us_ = 0;  // when a PDU last came
  std::int64_t asked_us_ = 0;  // when enquire_link was last sent
  std::int64_t slow_until_us_ = 0;
  std::int64_t slow_us_ = 0;  // how long the next slowing down lasts
  std::int64_t next_send_us_ = 0;
  std::uint32_t reconnects_ = 0;  // in a row, without a bind
  std::uint64_t connection_ = 0;  // counts, so that a late reply goes to no other connection

  std::map<std::uint32_t, Outcome> outstanding_;  // by sequence
  std::deque<LoopWait<bool>::Resolver> waiting_;  // for a place in the window
  std::size_t admitted_ = 0;                      // hold a place and have not sent yet
  bool admitting_ = false;                        // a timer is set

  Task<void> run_;
  Task<void> write_;
};

}  // namespace sallyport::messaging
