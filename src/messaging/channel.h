// A way out for messages to recipients of one kind. Owned by the Scheduler and called on its loop;
// a channel never throws and ends within its own deadlines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "messaging/message.h"

namespace sallyport::messaging {

// One try of one message for some of its recipients that share a channel and a destination.
struct Attempt {
  Message message;
  std::vector<std::int32_t> recipients;  // indices
};

struct RecipientResult {
  std::int32_t recipient = 0;
  enum class Kind : std::uint8_t { Sent, Deferred, Failed, InDoubt } kind = Kind::Deferred;
  std::int32_t code = 0;
  std::string text;
};

struct Delivery {
  std::vector<RecipientResult> results;  // one for each recipient of the attempt
};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual ChannelKind kind() const = 0;
  virtual Task<Delivery> deliver(Attempt attempt) = 0;
};

}  // namespace sallyport::messaging
