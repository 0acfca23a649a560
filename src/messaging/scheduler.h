// Brings stored messages to their channel: takes what is due, records durably that an attempt has
// begun, lets the channel try, records what came of it. A bounded number of attempts is in flight;
// the store shares what is due fairly between accounts and between new and deferred. Runs on one
// loop; wake(), stop() and the counters are for any thread. A store that is away only delays: what
// could not be recorded is recorded later, or tried again after a restart.
//
// At least once: an attempt in doubt is made again, with the same Message-ID.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/task.h"
#include "config/config.h"
#include "messaging/channel.h"
#include "messaging/message_store.h"

namespace sallyport::messaging {

// Of recipients, but for `active`. Any thread.
struct DeliveryCounters {
  std::atomic<std::uint64_t> sent = 0;
  std::atomic<std::uint64_t> deferred = 0;
  std::atomic<std::uint64_t> failed = 0;
  std::atomic<std::uint64_t> in_doubt = 0;
  std::atomic<std::int64_t> active = 0;  // attempts in flight
};

class Scheduler {
 public:
  // `live` for messages of the live environment, `test` for the others: they never reach the wire.
  Scheduler(const config::Messaging& config, MessageStore& store, Loop& loop, const Clock& clock,
            Random& random, Channel& live, Channel& test);
  // On the loop, or after it has ended. Attempts that are still in flight are dropped.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  void start();  // any thread: makes attempts without an end due again, then begins
  void wake();   // any thread: something new may be due
  // Any thread, once. Begins nothing new; `done` is called on the loop when nothing is in flight
  // any more, or after `deadline_us` from now.
  void stop(std::int64_t deadline_us, Callback done);

  const DeliveryCounters& counters() const { return counters_; }

 private:
  using Key = std::pair<MessageId, std::int32_t>;
  struct Flight {
    MessageId message;
    std::vector<std::int32_t> recipients;
    Task<void> task;
  };
  using Flights = std::list<Flight>;

  void post(void (Scheduler::*step)());  // dropped when the scheduler has gone by then
  void begin();
  void turn();
  std::size_t take_due();
  void launch(MessageId message, std::vector<std::int32_t> recipients);
  void land(Flights::iterator flight);
  void set_timer(std::int64_t monotonic_us);
  void set_next_timer(bool took_something);
  void finish_stop();

  Task<void> fly(Flights::iterator flight);
  Task<void> attempt(MessageId id, std::vector<std::int32_t> wanted);
  Task<bool> record_start(const Message* message, std::vector<std::int32_t> recipients);
  Task<void> record_end(std::vector<DeliveryUpdate> updates);
  Task<void> pause(std::int64_t us);
  DeliveryUpdate outcome(const Message& message, std::int32_t recipient,
                         const RecipientResult* result);
  std::int64_t next_delay_us(std::int32_t attempts);

  const config::Messaging& config_;
  MessageStore& store_;
  Loop& loop_;
  const Clock& clock_;
  Random& random_;
  Channel& live_;
  Channel& test_;

  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // read on the loop only
  std::atomic<bool> wake_posted_ = false;
  DeliveryCounters counters_;

  // The loop's own.
  bool started_ = false;
  bool stopping_ = false;
  Callback stopped_;
  Flights flights_;
  std::set<Key> active_;       // recipients of the flights
  std::int64_t timer_us_ = 0;  // the earliest timer that is set, 0 = none
};

}  // namespace sallyport::messaging
