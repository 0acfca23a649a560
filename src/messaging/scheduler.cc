#include "messaging/scheduler.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/log.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kStoreAwayUs = kSecondUs;  // between tries when the store fails
constexpr std::int64_t kLongestSleepUs =
    60 * kSecondUs;                                 // so that a step of the wall clock is seen
constexpr std::size_t kRecipientsPerAttempt = 100;  // RFC 5321 4.5.3.1.8: what a relay must take
constexpr std::int64_t kDuePerAttempt = 4;          // recipients asked for per free place

}  // namespace

Scheduler::Scheduler(const config::Messaging& config, MessageStore& store, Loop& loop,
                     const Clock& clock, Random& random, Channel& live, Channel& test)
    : config_(config),
      store_(store),
      loop_(loop),
      clock_(clock),
      random_(random),
      live_(live),
      test_(test) {}

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
  const auto recovered = store_.recover_attempts(clock_.unix_us());
  if (!recovered) {
    log::error("deliveries cannot begin: " + recovered.error().message);
    loop_.at(clock_.monotonic_us() + kStoreAwayUs, [this, alive = alive_] {
      if (*alive) begin();
    });
    return;
  }
  if (*recovered > 0) {
    counters_.in_doubt += static_cast<std::uint64_t>(*recovered);
    log::warn(fmt::format("{} attempts had no recorded end and are made again", *recovered));
  }
  started_ = true;
  turn();
}

void Scheduler::turn() {
  wake_posted_ = false;
  if (!started_ || stopping_) return;
  const std::size_t taken = take_due();
  set_next_timer(taken > 0);
}

// Launches attempts for what is due until the window is full. The number of recipients taken.
std::size_t Scheduler::take_due() {
  const auto window = static_cast<std::int64_t>(config_.active_window);
  const std::int64_t room = window - static_cast<std::int64_t>(flights_.size());
  if (room <= 0) return 0;
  // Those in flight may still look due: their start is recorded behind this read.
  const auto limit = room * kDuePerAttempt + static_cast<std::int64_t>(active_.size());
  const auto due = store_.due(clock_.unix_us(), limit);
  if (!due) {
    log::error("due messages cannot be read: " + due.error().message);
    return 0;
  }
  // Recipients of one message go in one attempt; messages in the order of the store.
  std::vector<std::pair<MessageId, std::vector<std::int32_t>>> groups;
  std::map<MessageId, std::size_t> open;  // its group that is not full
  for (const Due& one : *due) {
    if (active_.contains({one.message, one.recipient})) continue;
    const auto known = open.find(one.message);
    if (known != open.end() && groups[known->second].second.size() < kRecipientsPerAttempt) {
      groups[known->second].second.push_back(one.recipient);
    } else if (groups.size() < static_cast<std::size_t>(room)) {
      open[one.message] = groups.size();
      groups.push_back({one.message, {one.recipient}});
    }
  }
  std::size_t taken = 0;
  for (auto& [message, recipients] : groups) {
    taken += recipients.size();
    launch(message, std::move(recipients));
  }
  return taken;
}

void Scheduler::launch(MessageId message, std::vector<std::int32_t> recipients) {
  for (const std::int32_t one : recipients) active_.insert({message, one});
  flights_.push_back({message, std::move(recipients), {}});
  const auto flight = std::prev(flights_.end());
  ++counters_.active;
  flight->task = fly(flight);
  flight->task.start();
}

Task<void> Scheduler::fly(Flights::iterator flight) {
  co_await attempt(flight->message, flight->recipients);
  // Not from inside its own coroutine: landing destroys it.
  loop_.post([this, flight, alive = alive_] {
    if (*alive) land(flight);
  });
}

void Scheduler::land(Flights::iterator flight) {
  for (const std::int32_t one : flight->recipients) active_.erase({flight->message, one});
  flights_.erase(flight);
  --counters_.active;
  if (!stopping_) return turn();
  if (flights_.empty()) finish_stop();
}

void Scheduler::set_timer(std::int64_t monotonic_us) {
  if (timer_us_ != 0 && timer_us_ <= monotonic_us) return;
  timer_us_ = monotonic_us;
  loop_.at(monotonic_us, [this, monotonic_us, alive = alive_] {
    if (!*alive || timer_us_ != monotonic_us) return;  // an earlier one has taken its place
    timer_us_ = 0;
    turn();
  });
}

void Scheduler::set_next_timer(bool took_something) {
  // With a full window, or with something just begun, the next landing looks again.
  if (took_something && flights_.size() >= config_.active_window) return;
  const auto next = store_.next_due_us();
  std::int64_t wait = kStoreAwayUs;
  if (next) {
    if (!*next) return;  // nothing is open: wake() comes with the next message
    wait = **next - clock_.unix_us();
    // Due already and not taken: in flight, or held by an account that is not active.
    if (wait <= 0) wait = kStoreAwayUs;
  }
  set_timer(clock_.monotonic_us() + std::min(wait, kLongestSleepUs));
}

Task<void> Scheduler::attempt(MessageId id, std::vector<std::int32_t> wanted) {
  auto loaded = store_.load(id);
  if (!loaded || !*loaded) {
    log::error(loaded ? "a due message is not there" : loaded.error().message);
    co_await pause(kStoreAwayUs);
    co_return;
  }
  Message& message = **loaded;
  std::erase_if(wanted, [&message](std::int32_t index) {
    const auto one = std::ranges::find(message.recipients, index, &Recipient::index);
    return one == message.recipients.end() || is_final(one->state) ||
           one->state == DeliveryState::Attempting;
  });
  if (wanted.empty()) {
    co_await pause(kStoreAwayUs);  // the store called it due: do not ask again at once
    co_return;
  }
  const bool recorded = co_await record_start(&message, wanted);
  if (!recorded) {
    co_await pause(kStoreAwayUs);
    co_return;
  }
  for (Recipient& one : message.recipients) {
    if (std::ranges::find(wanted, one.index) != wanted.end()) ++one.attempts;
  }
  Channel& channel = message.environment == Environment::Live ? live_ : test_;
  // The content goes with the attempt; what is left here tells the outcome.
  MessageContent content = std::move(message.content);
  message.content = {};
  Attempt try_now{message, wanted};
  try_now.message.content = std::move(content);
  const Delivery delivery = co_await channel.deliver(std::move(try_now));
  std::vector<DeliveryUpdate> updates;
  for (const std::int32_t index : wanted) {
    const auto result = std::ranges::find(delivery.results, index, &RecipientResult::recipient);
    updates.push_back(
        outcome(message, index, result == delivery.results.end() ? nullptr : &*result));
  }
  co_await record_end(std::move(updates));
}

// True once it is durable that the attempt has begun.
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
                                  const RecipientResult* result) {
  using Kind = RecipientResult::Kind;
  const auto one = std::ranges::find(message.recipients, recipient, &Recipient::index);
  const std::int64_t now = clock_.unix_us();
  DeliveryUpdate update{.message = message.id,
                        .recipient = recipient,
                        .attempts = one->attempts,
                        .time_us = now,
                        .code = result == nullptr ? 0 : result->code,
                        .text = result == nullptr ? "the channel gave no answer" : result->text};
  const Kind kind = result == nullptr ? Kind::Deferred : result->kind;
  if (kind == Kind::Sent || kind == Kind::Failed) {
    update.state = kind == Kind::Sent ? DeliveryState::Sent : DeliveryState::Failed;
    ++(kind == Kind::Sent ? counters_.sent : counters_.failed);
    return update;
  }
  ++(kind == Kind::InDoubt ? counters_.in_doubt : counters_.deferred);
  update.state = DeliveryState::Deferred;
  update.next_attempt_us = now + next_delay_us(one->attempts);
  const std::int64_t give_up_us =
      message.created_us +
      std::chrono::duration_cast<std::chrono::microseconds>(config_.give_up_after).count();
  if (update.next_attempt_us > give_up_us) {
    update.state = kind == Kind::InDoubt ? DeliveryState::InDoubt : DeliveryState::Failed;
    update.next_attempt_us = 0;
    if (kind != Kind::InDoubt) ++counters_.failed;
  }
  return update;
}

// The delay behind the attempt of this number (from 1), plus or minus a tenth, so that what failed
// together does not come back together.
std::int64_t Scheduler::next_delay_us(std::int32_t attempts) {
  std::int64_t delay = 60 * kSecondUs;
  if (!config_.retry_delays.empty()) {
    const auto at = std::min(static_cast<std::size_t>(std::max(attempts, 1)) - 1,
                             config_.retry_delays.size() - 1);
    delay = std::chrono::duration_cast<std::chrono::microseconds>(config_.retry_delays[at]).count();
  }
  const std::int64_t tenth = delay / 10;
  return delay - tenth +
         static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(2 * tenth + 1)));
}

}  // namespace sallyport::messaging
