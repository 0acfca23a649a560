// The active queue: what was taken from the store and waits for its turn, a line for each
// destination, and how many attempts may be in flight to each. A destination's window opens with
// every success and closes with every failure to reach it; closed, it is left alone for a while.
// Destinations take turns, so that a slow or crowded one holds nobody else up. Owned by the
// Scheduler, on its loop; nothing fails.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messaging/message_store.h"

namespace sallyport::messaging {

// Recipients of one message that go together.
struct Batch {
  MessageId message;
  ChannelKind channel = ChannelKind::Email;
  std::string destination;
  std::vector<std::int32_t> recipients;
};

class Destinations {
 public:
  // Attempts in flight to one destination: at first, and at most.
  explicit Destinations(std::uint32_t most);

  // Joins a batch of the same message that waits, if that has room for `most_recipients`.
  void add(const Due& due, std::size_t most_recipients);
  // The next one that may fly; it counts as in flight until landed().
  std::optional<Batch> take(std::int64_t now_us);
  enum class Feedback : std::uint8_t { Good, None, Slower, Unreachable };
  // `pause_us(failures)` long nothing flies there when it is unreachable and its window is closed;
  // what waited for it is handed back, to be kept elsewhere meanwhile.
  template <class Pause>
  std::vector<Batch> landed(const Batch& batch, Feedback feedback, std::int64_t now_us,
                            Pause pause_us) {
    const std::int32_t failures = land(batch, feedback);
    if (failures == 0) return {};
    return close(batch, now_us + pause_us(failures));
  }
  // Until when nothing may fly there; 0 = it may.
  std::int64_t closed_until_us(ChannelKind channel, const std::string& destination,
                               std::int64_t now_us) const;

  std::size_t waiting() const { return waiting_; }  // recipients
  std::size_t waiting(ChannelKind channel, const std::string& destination) const;
  void clear();  // what waits is forgotten here; the store has it

 private:
  struct Line {
    std::deque<Batch> batches;
    std::size_t recipients = 0;  // in them
    double window = 0;
    std::uint32_t in_flight = 0;
    std::int32_t failures = 0;  // in a row
    std::int64_t closed_until_us = 0;
    bool in_turn = false;
  };
  using Key = std::pair<ChannelKind, std::string>;

  Line& line(const Key& key);
  std::int32_t land(const Batch& batch, Feedback feedback);  // failures, when it is to be closed
  std::vector<Batch> close(const Batch& batch, std::int64_t until_us);
  void forget_idle(std::int64_t now_us);

  const double most_;
  std::map<Key, Line> lines_;
  std::deque<Key> turn_;  // lines with something waiting
  std::size_t waiting_ = 0;
};

}  // namespace sallyport::messaging
