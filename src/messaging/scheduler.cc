#include "messaging/scheduler.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/log.h"
#include "messaging/loop_wait.h"
#include "messaging/retry.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kStoreAwayUs = kSecondUs;  // between tries when the store fails
// So that a step of the wall clock is seen.
constexpr std::int64_t kLongestSleepUs = 60 * kSecondUs;
constexpr std::size_t kRecipientsPerAttempt = 100;  // RFC 5321 4.5.3.1.8: what a relay must take
constexpr std::size_t kInHandPerFlight = 8;         // recipients in hand per attempt in flight
constexpr std::size_t kShareOfOne = 4;              // of those in hand, a part for one destination
constexpr std::size_t kLeastShare = 10;
// Behind a look that passed over full destinations: it may have read far.
constexpr std::int64_t kBetweenLooksUs = 50'000;

using Feedback = Destinations::Feedback;

}  // namespace

Scheduler::Scheduler(const config::Messaging& config, MessageStore& store, Loop& loop,
                     const Clock& clock, Random& random, Channels channels,
                     InDoubtPolicies policies)
    : config_(config),
      store_(store),
      loop_(loop),
      clock_(clock),
      random_(random),
      channels_(channels),
      policies_(policies),
      destinations_(config.destination_window) {}

Scheduler::~Scheduler() { *alive_ = false; }

void Scheduler::post(void (Scheduler::*step)()) {
  loop_.post([this, step, alive = alive_] {
    if (*alive) (this->*step)();
  });
}

void Scheduler::start() { post(&Scheduler::begin); }

void Scheduler::wake() {
  if (!wake_posted_.exchange(true)) post(&Scheduler::turn);
}

void Scheduler::stop(std::int64_t deadline_us, Callback done) {
  loop_.post([this, deadline_us, done = std::move(done), alive = alive_]() mutable {
    if (!*alive) return;
    stopping_ = true;
    stopped_ = std::move(done);
    if (flights_.empty()) return finish_stop();
    loop_.at(clock_.monotonic_us() + deadline_us, [this, alive = alive_] {
      if (*alive) finish_stop();
    });
  });
}

void Scheduler::finish_stop() {
  if (stopped_) std::exchange(stopped_, nullptr)();
}

void Scheduler::begin() {
  if (started_ || stopping_) return;
  const auto recovered = store_.recover_attempts(clock_.unix_us(), policies_);
  if (!recovered) {
    log::error("deliveries cannot begin: " + recovered.error().message);
    loop_.at(clock_.monotonic_us() + kStoreAwayUs, [this, alive = alive_] {
      if (*alive) begin();
    });
    return;
  }
  if (*recovered > 0) {
    counters_.in_doubt += static_cast<std::uint64_t>(*recovered);
    log::warn(fmt::format("{} attempts had no recorded end and are in doubt", *recovered));
  }
  started_ = true;
  turn();
}

void Scheduler::turn() {
  if (wake_posted_.exchange(false)) nothing_due_ = false;
  if (!started_ || stopping_) return;
  const std::size_t most = std::max<std::size_t>(config_.active_window, 1) * kInHandPerFlight;
  bool looked = false;
  if (!nothing_due_ && destinations_.waiting() <= most / 2) {
    if (clock_.monotonic_us() >= next_look_us_) {
      looked = true;
      nothing_due_ = fill() == 0 && next_look_us_ <= clock_.monotonic_us();
    } else {
      set_timer(next_look_us_);
    }
  }
  fly_all();
  counters_.waiting = static_cast<std::int64_t>(destinations_.waiting());
  if (nothing_due_ && (looked || timer_us_ == 0)) set_next_timer();
}

// Takes what is due in hand, up to the bound. How many.
std::size_t Scheduler::fill() {
  const std::size_t most = std::max<std::size_t>(config_.active_window, 1) * kInHandPerFlight;
  const std::size_t share = std::max<std::size_t>(most / kShareOfOne, kLeastShare);
  const std::int64_t now = clock_.monotonic_us();
  std::vector<Due> closed;
  bool passed_over = false;
  std::map<std::pair<ChannelKind, std::string>, std::size_t> taken_for;
  const DueFilter wanted = [&](const Due& one) {
    if (in_hand_.contains({one.message, one.recipient})) return false;
    if (destinations_.closed_until_us(one.channel, one.destination, now) != 0) {
      if (closed.size() < most) closed.push_back(one);
      return false;
    }
    std::size_t& taken = taken_for[{one.channel, one.destination}];
    if (destinations_.waiting(one.channel, one.destination) + taken >= share) {
      passed_over = true;
      return false;
    }
    ++taken;
    return true;
  };
  const auto due = store_.due(clock_.unix_us(),
                              static_cast<std::int64_t>(most - destinations_.waiting()), wanted);
  if (!due) {
    log::error("due messages cannot be read: " + due.error().message);
    return 0;
  }
  if (passed_over) {
    next_look_us_ = now + kBetweenLooksUs;
    set_timer(next_look_us_);
  }
  // What is due for a destination that is left alone waits in the store.
  std::map<std::int64_t, std::vector<Batch>> later;
  for (const Due& one : closed) {
    const auto until = destinations_.closed_until_us(one.channel, one.destination, now);
    later[until].push_back({one.message, one.channel, one.destination, {one.recipient}});
    in_hand_.insert({one.message, one.recipient});
  }
  for (const auto& [until, batches] : later) postpone(batches, until);
  for (const Due& one : *due) {
    in_hand_.insert({one.message, one.recipient});
    destinations_.add(one, kRecipientsPerAttempt);
  }
  return due->size();
}

void Scheduler::fly_all() {
  const std::int64_t now = clock_.monotonic_us();
  while (flights_.size() < config_.active_window) {
    auto batch = destinations_.take(now);
    if (!batch) return;
    launch(std::move(*batch));
  }
}

void Scheduler::launch(Batch batch) {
  flights_.push_back({std::move(batch), {}, {}});
  const auto flight = std::prev(flights_.end());
  ++counters_.active;
  flight->task = fly(flight);
  flight->task.start();
}

Task<void> Scheduler::fly(Flights::iterator flight) {
  flight->feedback = co_await attempt(flight->batch);
  loop_.post([this, flight, alive = alive_] {
    if (*alive) land(flight);
  });
}

void Scheduler::land(Flights::iterator flight) {
  const Batch batch = std::move(flight->batch);
  const Feedback feedback = flight->feedback;
  flights_.erase(flight);
  release(batch);
  --counters_.active;
  const std::int64_t now = clock_.monotonic_us();
  std::int64_t until = 0;
  const auto closed = destinations_.landed(batch, feedback, now, [&](std::int32_t failures) {
    const std::int64_t wait = pause_us(config_, failures);
    until = now + wait;
    return wait;
  });
  if (!closed.empty()) postpone(closed, until);
  if (!stopping_) return turn();
  if (flights_.empty()) finish_stop();
}

void Scheduler::release(const Batch& batch) {
  for (const std::int32_t one : batch.recipients) in_hand_.erase({batch.message, one});
}

// Recipients that wait for a destination which is left alone: no attempt, and due again then.
void Scheduler::postpone(const std::vector<Batch>& batches, std::int64_t until_monotonic_us) {
  const std::int64_t now = clock_.unix_us();
  const std::int64_t until = now + (until_monotonic_us - clock_.monotonic_us());
  std::vector<DeliveryUpdate> updates;
  for (const Batch& batch : batches) {
    for (const std::int32_t recipient : batch.recipients) {
      updates.push_back({.message = batch.message,
                         .recipient = recipient,
                         .state = DeliveryState::Deferred,
                         .next_attempt_us = until,
                         .time_us = now,
                         .text = {}});
    }
  }
  store_.update(std::move(updates), [this, batches, alive = alive_](const Result<bool>&) {
    loop_.post([this, batches, alive] {
      if (!*alive) return;
      for (const Batch& batch : batches) release(batch);
      nothing_due_ = false;
      if (!stopping_) turn();
    });
  });
}

void Scheduler::set_timer(std::int64_t monotonic_us) {
  if (timer_us_ != 0 && timer_us_ <= monotonic_us) return;
  timer_us_ = monotonic_us;
  loop_.at(monotonic_us, [this, monotonic_us, alive = alive_] {
    if (!*alive || timer_us_ != monotonic_us) return;  // an earlier one has taken its place
    timer_us_ = 0;
    nothing_due_ = false;
    turn();
  });
}

void Scheduler::set_next_timer() {
  const auto next = store_.next_due_us();
  std::int64_t wait = kStoreAwayUs;
  if (next) {
    if (!*next) return;  // nothing is open: wake() comes with the next message
    wait = **next - clock_.unix_us();
    // Due already and not taken: in hand, or its destination has its share.
    if (wait <= 0) wait = kStoreAwayUs;
  }
  set_timer(clock_.monotonic_us() + std::min(wait, kLongestSleepUs));
}

std::int64_t Scheduler::expiry_us(const Message& message) const {
  if (message.expires_us != 0) return message.expires_us;
  return std::max(message.created_us, message.not_before_us) +
         std::chrono::duration_cast<std::chrono::microseconds>(config_.give_up_after).count();
}

Task<Feedback> Scheduler::attempt(Batch batch) {
  auto loaded = store_.load(batch.message);
  if (!loaded || !*loaded) {
    // Gone: erased or at the end of its time while it waited here.
    if (!loaded) log::error(loaded.error().message);
    if (!loaded) co_await pause(kStoreAwayUs);
    co_return Feedback::None;
  }
  Message& message = **loaded;
  if (!message.account_active) co_return Feedback::None;  // held, until the account is active
  std::vector<std::int32_t> wanted = std::move(batch.recipients);
  const std::int64_t now = clock_.unix_us();
  std::erase_if(wanted, [&message, now](std::int32_t index) {
    const auto one = std::ranges::find(message.recipients, index, &Recipient::index);
    return one == message.recipients.end() || is_final(one->state) ||
           one->state == DeliveryState::Attempting || one->next_attempt_us > now;
  });
  if (wanted.empty()) co_return Feedback::None;  // held, dropped or postponed meanwhile
  Channel* channel = channels_.of(message.environment, batch.channel);
  if (channel == nullptr || now > expiry_us(message)) {
    co_await end_all(&message, std::move(wanted),
                     channel == nullptr ? "no channel of this kind is configured"
                                        : "not delivered within its validity");
    co_return Feedback::None;
  }
  const Feedback feedback = co_await deliver(channel, &message, std::move(wanted));
  co_return feedback;
}

// The attempt itself, between the two records. What it says about the destination.
Task<Feedback> Scheduler::deliver(Channel* channel, Message* message,
                                  std::vector<std::int32_t> wanted) {
  const std::int64_t started_us = clock_.unix_us();
  const bool recorded = co_await record_start(message, wanted);
  if (!recorded) {
    co_await pause(kStoreAwayUs);
    co_return Feedback::None;
  }
  for (Recipient& one : message->recipients) {
    if (std::ranges::find(wanted, one.index) != wanted.end()) ++one.attempts;
  }
  MessageContent content = std::move(message->content);
  message->content = {};
  Attempt try_now{*message, wanted};
  try_now.message.content = std::move(content);
  const Delivery delivery = co_await channel->deliver(std::move(try_now));
  std::vector<DeliveryUpdate> updates;
  Feedback feedback = Feedback::None;
  for (const std::int32_t index : wanted) {
    const auto result = std::ranges::find(delivery.results, index, &RecipientResult::recipient);
    const RecipientResult* found = result == delivery.results.end() ? nullptr : &*result;
    updates.push_back(outcome(*message, index, found, started_us));
    if (found == nullptr) continue;
    using Kind = RecipientResult::Kind;
    if (found->kind == Kind::Sent || found->kind == Kind::Delivered ||
        found->kind == Kind::Failed) {
      feedback = Feedback::Good;  // whatever it says, somebody is there
    } else if (found->cause == RecipientResult::Cause::Destination && feedback != Feedback::Good) {
      feedback = Feedback::Unreachable;
    } else if (found->cause == RecipientResult::Cause::Throttled && feedback == Feedback::None) {
      feedback = Feedback::Slower;
    }
  }
  co_await record_end(std::move(updates));
  co_return feedback;
}

Task<void> Scheduler::end_all(const Message* message, std::vector<std::int32_t> recipients,
                              std::string text) {
  std::vector<DeliveryUpdate> updates;
  for (const std::int32_t index : recipients) {
    const auto one = std::ranges::find(message->recipients, index, &Recipient::index);
    updates.push_back({.message = message->id,
                       .recipient = index,
                       .state = DeliveryState::Failed,
                       .attempts = one->attempts,
                       .time_us = clock_.unix_us(),
                       .code = one->last_code,
                       .text = one->last_text.empty() ? text : text + ": " + one->last_text});
    ++counters_.failed;
  }
  co_await record_end(std::move(updates));
}

Task<bool> Scheduler::record_start(const Message* message, std::vector<std::int32_t> recipients) {
  std::vector<DeliveryUpdate> updates;
  for (const std::int32_t index : recipients) {
    const auto one = std::ranges::find(message->recipients, index, &Recipient::index);
    updates.push_back({.message = message->id,
                       .recipient = index,
                       .state = DeliveryState::Attempting,
                       .attempts = one->attempts + 1,
                       .next_attempt_us = one->next_attempt_us,
                       .time_us = clock_.unix_us(),
                       .code = one->last_code,
                       .text = one->last_text});
  }
  LoopWait<Result<bool>> written;
  store_.update(std::move(updates), written.post_to(loop_));
  const Result<bool> result = co_await written;
  if (!result) log::error("an attempt cannot be recorded: " + result.error().message);
  co_return result && *result;
}

// The attempt has happened: its end is written until the store takes it, or until we stop (then the
// next start finds it without an end).
Task<void> Scheduler::record_end(std::vector<DeliveryUpdate> updates) {
  for (;;) {
    LoopWait<Result<bool>> written;
    store_.update(updates, written.post_to(loop_));
    const Result<bool> result = co_await written;
    if (result) co_return;
    log::error("the end of an attempt cannot be recorded: " + result.error().message);
    if (stopping_) co_return;
    co_await pause(kStoreAwayUs);
  }
}

Task<void> Scheduler::pause(std::int64_t us) {
  LoopWait<bool> over;
  loop_.at(clock_.monotonic_us() + us, [resolve = over.resolver()] { resolve(true); });
  co_await over;
}

DeliveryUpdate Scheduler::outcome(const Message& message, std::int32_t recipient,
                                  const RecipientResult* result, std::int64_t started_us) {
  const auto one = std::ranges::find(message.recipients, recipient, &Recipient::index);
  const std::int64_t now = clock_.unix_us();
  DeliveryUpdate update =
      outcome_of(config_, policies_.of(one->channel),
                 {message, *one, result, started_us, now, expiry_us(message)}, random_);
  const bool fails = update.state == DeliveryState::Failed;
  const bool arrives =
      update.state == DeliveryState::Sent || update.state == DeliveryState::Delivered;
  if (fails) ++counters_.failed;
  if (arrives) ++counters_.sent;
  if (update.in_doubt) ++counters_.in_doubt;
  if (update.state != DeliveryState::Deferred) return update;
  if (!update.in_doubt) ++counters_.deferred;
  set_timer(clock_.monotonic_us() + std::min(update.next_attempt_us - now, kLongestSleepUs));
  return update;
}

}  // namespace sallyport::messaging
