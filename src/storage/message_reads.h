// Reads messages and the queue of recipients that are due. Any thread with a connection.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/result.h"
#include "messaging/message_store.h"
#include "storage/database.h"

namespace sallyport::storage {

// With its recipients. With content: bodies, and of attachments what a reader sees; their bytes are
// load_message()'s, which is for an attempt.
Result<std::optional<messaging::Message>> find_message(Database& database, AccountId account,
                                                       WorkspaceId workspace, MessageId id,
                                                       bool with_content);
Result<std::optional<messaging::Message>> load_message(Database& database, MessageId id);

// Newest first, both times included, `to_us` 0 = without end; without bodies and recipients.
Result<std::vector<messaging::Message>> list_messages(Database& database,
                                                      const messaging::ListQuery& query);

// The time of what is held: it never comes.
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// Of active accounts. Accounts take turns, and within an account new work and deferred work do;
// each in the order of their times.
Result<std::vector<messaging::Due>> due_recipients(Database& database, std::int64_t now_us,
                                                   std::int64_t limit,
                                                   const messaging::DueFilter& wanted = {});
Result<std::optional<std::int64_t>> next_due(Database& database);

}  // namespace sallyport::storage
