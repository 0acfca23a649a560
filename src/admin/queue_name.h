// How one thing in the queue is named: a message by its id, one of its recipients by the id, a dash
// and the recipient's number, as in the names of the outbox. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/id.h"

namespace sallyport::admin {

struct QueueName {
  MessageId message;
  std::int32_t recipient = 0;  // 0 = all
};
std::optional<QueueName> parse_queue_name(std::string_view text);

}  // namespace sallyport::admin
