#include "messaging/destinations.h"

#include <algorithm>

#include "messaging/message_store.h"

namespace sallyport::messaging {
namespace {

// A destination that is new may be small: Postfix begins with five too.
constexpr double kFirstWindow = 5;
constexpr std::size_t kRememberedLines = 10'000;
constexpr std::size_t kLookedAt = 16;

}  // namespace

Destinations::Destinations(std::uint32_t most) : most_(std::max<std::uint32_t>(most, 1)) {}

Destinations::Line& Destinations::line(const Key& key) {
  Line& found = lines_[key];
  if (found.window == 0) found.window = std::min(kFirstWindow, most_);
  return found;
}

void Destinations::add(const Due& due, std::size_t most_recipients) {
  const Key key(due.channel, due.destination);
  Line& where = line(key);
  ++waiting_;
  ++where.recipients;
  // What is due comes in turn from several accounts, so its batch may not be the very last one.
  std::size_t looked = 0;
  for (auto one = where.batches.rbegin(); one != where.batches.rend() && looked < kLookedAt;
       ++one, ++looked) {
    if (one->message != due.message || one->recipients.size() >= most_recipients) continue;
    one->recipients.push_back(due.recipient);
    return;
  }
  where.batches.push_back({due.message, due.channel, due.destination, {due.recipient}});
  if (!std::exchange(where.in_turn, true)) turn_.push_back(key);
}

std::optional<Batch> Destinations::take(std::int64_t now_us) {
  for (std::size_t left = turn_.size(); left > 0; --left) {
    const Key key = std::move(turn_.front());
    turn_.pop_front();
    Line& where = lines_[key];
    if (where.batches.empty()) {
      where.in_turn = false;
      continue;
    }
    if (where.in_flight >= static_cast<std::uint32_t>(where.window) ||
        where.closed_until_us > now_us) {
      turn_.push_back(key);
      continue;
    }
    Batch batch = std::move(where.batches.front());
    where.batches.pop_front();
    where.recipients -= batch.recipients.size();
    waiting_ -= batch.recipients.size();
    ++where.in_flight;
    if (where.batches.empty()) {
      where.in_turn = false;
    } else {
      turn_.push_back(key);
    }
    return batch;
  }
  return std::nullopt;
}

std::int32_t Destinations::land(const Batch& batch, Feedback feedback) {
  Line& where = line({batch.channel, batch.destination});
  if (where.in_flight > 0) --where.in_flight;
  switch (feedback) {
    case Feedback::None: return 0;
    case Feedback::Good:
      where.failures = 0;
      where.closed_until_us = 0;
      // One more for each window full of successes.
      where.window = std::min(most_, where.window + 1 / where.window);
      return 0;
    case Feedback::Slower: where.window = std::max(1.0, where.window / 2); return 0;
    case Feedback::Unreachable: break;
  }
  where.window -= 1;
  if (where.window >= 1) return 0;
  where.window = 1;  // a single one looks whether it is back
  return ++where.failures;
}

std::vector<Batch> Destinations::close(const Batch& batch, std::int64_t until_us) {
  Line& where = line({batch.channel, batch.destination});
  where.closed_until_us = until_us;
  std::vector<Batch> out(std::make_move_iterator(where.batches.begin()),
                         std::make_move_iterator(where.batches.end()));
  where.batches.clear();
  waiting_ -= std::exchange(where.recipients, 0);
  forget_idle(until_us);
  return out;
}

// Only when there are many: what is remembered of a destination is worth its bytes until then.
void Destinations::forget_idle(std::int64_t now_us) {
  if (lines_.size() <= kRememberedLines) return;
  std::erase_if(lines_, [now_us](const auto& entry) {
    const Line& one = entry.second;
    return one.batches.empty() && one.in_flight == 0 && !one.in_turn &&
           one.closed_until_us < now_us;
  });
}

std::int64_t Destinations::closed_until_us(ChannelKind channel, const std::string& destination,
                                           std::int64_t now_us) const {
  const auto found = lines_.find({channel, destination});
  return found == lines_.end() || found->second.closed_until_us <= now_us
             ? 0
             : found->second.closed_until_us;
}

std::size_t Destinations::waiting(ChannelKind channel, const std::string& destination) const {
  const auto found = lines_.find({channel, destination});
  return found == lines_.end() ? 0 : found->second.recipients;
}

void Destinations::clear() {
  for (auto& [key, where] : lines_) {
    where.batches.clear();
    where.recipients = 0;
    where.in_turn = false;
  }
  turn_.clear();
  waiting_ = 0;
}

}  // namespace sallyport::messaging
