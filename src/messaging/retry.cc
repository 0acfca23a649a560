#include "messaging/retry.h"

#include <algorithm>
#include <chrono>
#include <string>

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kLongestToDestination = 300 * kSecondUs;  // it may be back any moment
constexpr std::int64_t kThrottled = 5 * kSecondUs;
constexpr std::int64_t kLongestPause = 300 * kSecondUs;

std::int64_t step_us(const config::Messaging& config, std::int32_t number) {
  if (config.retry_delays.empty()) return 60 * kSecondUs;
  const auto at =
      std::min(static_cast<std::size_t>(std::max(number, 1)) - 1, config.retry_delays.size() - 1);
  return std::chrono::duration_cast<std::chrono::microseconds>(config.retry_delays[at]).count();
}

}  // namespace

bool tries_again(InDoubtPolicy policy, MessageClass kind) {
  if (policy == InDoubtPolicy::ByClass) return kind == MessageClass::Transactional;
  return policy == InDoubtPolicy::Again;
}

std::int64_t retry_delay_us(const config::Messaging& config, RecipientResult::Cause cause,
                            std::int32_t attempts, Random& random) {
  using Cause = RecipientResult::Cause;
  std::int64_t delay = step_us(config, attempts);
  if (cause == Cause::Destination) delay = std::min(delay, kLongestToDestination);
  if (cause == Cause::Throttled) delay = std::min(step_us(config, 1), kThrottled);
  const std::int64_t tenth = delay / 10;
  return delay - tenth +
         static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * tenth + 1)));
}

std::int64_t pause_us(const config::Messaging& config, std::int32_t failures) {
  return std::min(step_us(config, failures), kLongestPause);
}

DeliveryUpdate outcome_of(const config::Messaging& config, InDoubtPolicy policy,
                          const EndedAttempt& ended, Random& random) {
  using Kind = RecipientResult::Kind;
  const RecipientResult* result = ended.result;
  DeliveryUpdate update{.message = ended.message.id,
                        .recipient = ended.recipient.index,
                        .attempts = ended.recipient.attempts,
                        .time_us = ended.now_us,
                        .code = result == nullptr ? 0 : result->code,
                        .text = result == nullptr ? "the channel gave no answer" : result->text,
                        .started_us = ended.started_us,
                        .via = result == nullptr ? std::string() : result->via};
  const Kind kind = result == nullptr ? Kind::Deferred : result->kind;
  switch (kind) {
    case Kind::Sent: update.state = DeliveryState::Sent; return update;
    case Kind::Delivered: update.state = DeliveryState::Delivered; return update;
    case Kind::Failed: update.state = DeliveryState::Failed; return update;
    case Kind::Deferred:
    case Kind::InDoubt: break;
  }
  update.in_doubt = kind == Kind::InDoubt;
  const auto cause = result == nullptr ? RecipientResult::Cause::Recipient : result->cause;
  update.next_attempt_us = ended.now_us + retry_delay_us(config, cause, update.attempts, random);
  // Asked to go slower: that was no attempt.
  if (!update.in_doubt && cause == RecipientResult::Cause::Throttled) --update.attempts;
  const bool late = update.next_attempt_us > ended.expires_us;
  const bool again = !late && (!update.in_doubt || tries_again(policy, ended.message.kind));
  update.state = again             ? DeliveryState::Deferred
                 : update.in_doubt ? DeliveryState::InDoubt
                                   : DeliveryState::Failed;
  if (!again) update.next_attempt_us = 0;
  return update;
}

}  // namespace sallyport::messaging
