// Brings stored messages to their channel: takes what is due, records durably that an attempt has
// begun, lets the channel try, records what came of it. A bounded number of recipients is in hand
// (Destinations) and a bounded number of attempts in flight; the store shares what is due fairly
// between accounts and between new and deferred. Runs on one loop; wake(), stop() and the counters
// are for any thread. A store that is away only delays: what could not be recorded is recorded
// later, or tried again after a restart.
//
// At least once: an attempt in doubt is made again, with the same Message-ID, unless the channel's
// policy forbids it.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/task.h"
#include "config/config.h"
#include "messaging/channel.h"
#include "messaging/destinations.h"
#include "messaging/message_store.h"

namespace sallyport::messaging {

// Of recipients, but for `active`. Any thread.
struct DeliveryCounters {
  std::atomic<std::uint64_t> sent = 0;  // and delivered
  std::atomic<std::uint64_t> deferred = 0;
  std::atomic<std::uint64_t> failed = 0;
  std::atomic<std::uint64_t> in_doubt = 0;
  std::atomic<std::int64_t> active = 0;   // attempts in flight
  std::atomic<std::int64_t> waiting = 0;  // in hand, waiting for their destination's turn
};

class Scheduler {
 public:
  // All of these outlive it.
  Scheduler(const config::Messaging& config, MessageStore& store, Loop& loop, const Clock& clock,
            Random& random, Channels channels, InDoubtPolicies policies = {});
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
    Batch batch;
    Task<void> task;
    Destinations::Feedback feedback = Destinations::Feedback::None;
  };
  using Flights = std::list<Flight>;

  void post(void (Scheduler::*step)());  // dropped when the scheduler has gone by then
  void begin();
  void turn();
  std::size_t fill();
  void fly_all();
  void launch(Batch batch);
  void land(Flights::iterator flight);
  void postpone(const std::vector<Batch>& batches, std::int64_t until_monotonic_us);
  void release(const Batch& batch);
  void set_timer(std::int64_t monotonic_us);
  void set_next_timer();
  void finish_stop();

  Task<void> fly(Flights::iterator flight);
  Task<Destinations::Feedback> attempt(Batch batch);
  Task<Destinations::Feedback> deliver(Channel* channel, Message* message,
                                       std::vector<std::int32_t> wanted);
  Task<bool> record_start(const Message* message, std::vector<std::int32_t> recipients);
  Task<void> record_end(std::vector<DeliveryUpdate> updates);
  Task<void> end_all(const Message* message, std::vector<std::int32_t> recipients,
                     std::string text);
  Task<void> pause(std::int64_t us);
  DeliveryUpdate outcome(const Message& message, std::int32_t recipient,
                         const RecipientResult* result, std::int64_t started_us);
  std::int64_t expiry_us(const Message& message) const;

  const config::Messaging& config_;
  MessageStore& store_;
  Loop& loop_;
  const Clock& clock_;
  Random& random_;
  const Channels channels_;
  const InDoubtPolicies policies_;

  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // read on the loop only
  std::atomic<bool> wake_posted_ = false;
  DeliveryCounters counters_;

  // The loop's own.
  bool started_ = false;
  bool stopping_ = false;
  Callback stopped_;
  Flights flights_;
  Destinations destinations_;
  std::set<Key> in_hand_;          // recipients that wait here or fly
  bool nothing_due_ = false;       // at the last look, and nobody has called since
  std::int64_t next_look_us_ = 0;  // not before that
  std::int64_t timer_us_ = 0;      // the earliest timer that is set, 0 = none
};

}  // namespace sallyport::messaging
