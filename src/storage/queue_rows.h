// The queue as operators see it, the story of a message, and what is kept about one address. Reads
// on any thread with a connection; writes on the writer's, in its transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "messaging/operator_store.h"
#include "storage/database.h"

namespace sallyport::storage {

Result<std::vector<messaging::QueueCount>> count_queue(Database& database);
Result<std::vector<messaging::QueueRow>> list_queue(Database& database,
                                                    const messaging::QueueFilter& filter);
Result<std::int64_t> act_on_queue(Database& database, messaging::QueueAct act,
                                  const messaging::QueueFilter& filter,
                                  std::optional<MessageId> copy, std::int64_t now_us);
Result<std::optional<messaging::Story>> message_story(Database& database, MessageId id);
Result<std::vector<messaging::Message>> messages_to(Database& database, const std::string& address);
Result<std::int64_t> erase_address(Database& database, const std::string& address,
                                   std::int64_t now_us);

}  // namespace sallyport::storage
