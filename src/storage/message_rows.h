// Writes messages and the states of their recipients; on the writer's thread, in its transaction.
// A state that would move backward is not written: a late or repeated report changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "messaging/message_store.h"
#include "storage/database.h"

namespace sallyport::storage {

// A message's id as its column has it: 16 bytes, most significant first.
class MessageKey {
 public:
  explicit MessageKey(MessageId id);
  Blob blob() const { return Blob{{bytes_.data(), bytes_.size()}}; }
  static MessageId parse(std::string_view bytes);

 private:
  std::array<char, 16> bytes_;
};

// The message, its content, its recipients and, when a key is given, the idempotency record; or
// nothing, when the key says that it is there already. Looks first: an error leaves nothing written
// unless the store itself fails. Also clears away a few idempotency records that have expired.
Result<messaging::InsertOutcome> insert_message(Database& database,
                                                const messaging::Message& message,
                                                const messaging::Idempotency& idempotency,
                                                const messaging::SendGuard& guard = {});

// Each end of an attempt becomes a row of the message's story, each end for good an event.
// True when every recipient moved, false when a state or an absent recipient forbade it for some.
Result<bool> update_deliveries(Database& database,
                               const std::vector<messaging::DeliveryUpdate>& updates);

}  // namespace sallyport::storage
