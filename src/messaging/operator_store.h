// What operators ask of the message store: the queue and what can be done to it, the story of one
// message, and what is kept about one person. Implemented by storage. The control thread; calls
// that change something block until it is durable, with their audit row in the same transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/entities.h"
#include "base/result.h"
#include "messaging/message.h"

namespace sallyport::messaging {

enum class QueueAct : std::uint8_t { Hold, Release, Retry, Drop };

// Which recipients; everything that is given must hold.
struct QueueFilter {
  std::optional<MessageId> message;
  std::int32_t recipient = 0;  // of that message; 0 = all
  AccountId account;
  std::string domain;  // of the destination, lower case
  bool held = false;   // only what is held
  bool dead = false;   // what has failed, instead of what is open
  std::int64_t limit = 100;
  bool empty() const { return !message && !account && domain.empty() && !held && !dead; }
};

struct QueueRow {
  MessageId message;
  std::int32_t recipient = 0;
  AccountId account;
  ChannelKind channel = ChannelKind::Email;
  DeliveryState state = DeliveryState::Pending;
  bool held = false;
  std::int32_t attempts = 0;
  std::int64_t created_us = 0;
  std::int64_t next_attempt_us = 0;
  std::string domain;  // not the address: a listing is copied around
  std::int32_t last_code = 0;
  std::string last_text;
};

struct QueueCount {
  AccountId account;
  std::int64_t fresh = 0;
  std::int64_t attempting = 0;
  std::int64_t deferred = 0;
  std::int64_t held = 0;  // counted here only
  std::int64_t dead = 0;
  std::int64_t oldest_us = 0;  // when the one that is due longest became due
};

struct AttemptRow {
  std::int32_t recipient = 0;
  std::int32_t number = 0;
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;
  DeliveryState result = DeliveryState::Deferred;
  std::int32_t code = 0;
  std::string text;
  std::string via;
};
struct Story {
  Message message;  // without bodies
  std::vector<AttemptRow> attempts = {};
  std::int32_t repeats_left = 0;  // so many times more
  std::int64_t repeats_us = 0;    // the next of them; 0 = never
};

// What people wrote back, and who has sent STOP. Account 0: nobody's, and every one's.
struct SmsFilter {
  AccountId account;
  std::int64_t limit = 100;
  std::string number = {};  // only what it has written; empty: everybody
};
struct IncomingRow {
  AccountId account;
  std::optional<MessageId> answers;  // the message that it probably answers
  std::string smsc;
  std::string source;
  std::string destination;
  std::string text;
  std::int64_t received_us = 0;
};
struct StopRow {
  AccountId account;
  std::string number;
  std::int64_t since_us = 0;
};

class OperatorStore {
 public:
  virtual ~OperatorStore() = default;
  virtual Result<std::vector<QueueCount>> queue_counts() = 0;
  virtual Result<std::vector<QueueRow>> queue_rows(const QueueFilter& filter) = 0;
  // How many recipients it changed. What is in flight is left alone. Drop also ends the repetition
  // of a whole message; where nothing else of it waits, that counts. Retry makes open ones due now;
  // with `copy` it sends the failed recipients of one message again as a message of that id.
  virtual Result<std::int64_t> act(QueueAct act, const QueueFilter& filter,
                                   std::optional<MessageId> copy, const Change& record) = 0;
  virtual Result<std::optional<Story>> story(MessageId id) = 0;
  virtual Result<std::vector<IncomingRow>> incoming(const SmsFilter& filter) = 0;  // newest first
  virtual Result<std::vector<StopRow>> stops(const SmsFilter& filter) = 0;         // newest first
  // Everything kept about an address, newest first, with bodies.
  virtual Result<std::vector<Message>> messages_to(const std::string& address) = 0;
  // Its messages are deleted, and where there are other recipients it is only taken out. How many
  // messages were touched.
  virtual Result<std::int64_t> erase_recipient(const std::string& address,
                                               const Change& record) = 0;
};

}  // namespace sallyport::messaging
