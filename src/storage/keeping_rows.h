// The store's housekeeping of messages: attempts that a crash left without an end, repetitions, and
// the end of their time. The writes on the writer's thread, in its transaction; the reads on any.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "messaging/message_store.h"
#include "storage/database.h"

namespace sallyport::storage {

// Attempts that have no end: each becomes a row of its message's story, in doubt, and is due at
// `now_us` or ends there, by the policy. How many there were.
Result<std::int64_t> recover_attempts(Database& database, std::int64_t now_us,
                                      messaging::InDoubtPolicies policies);

// Of active accounts.
Result<std::vector<messaging::RepetitionDue>> due_repetitions(Database& database,
                                                              std::int64_t now_us);
Result<std::optional<std::int64_t>> next_repetition(Database& database);
// A message like the one before with the id `copy`, due at `now_us`. False when it is not there.
Result<bool> copy_message(Database& database, MessageId id, MessageId copy, std::int64_t now_us,
                          bool failed_only = false);
Result<bool> repeat_message(Database& database, MessageId id, MessageId copy, std::int64_t now_us,
                            std::int64_t next_us);

Result<std::vector<AccountId>> account_ids(Database& database);
// Deletes messages that are older and have no open recipient; some at a time. How many.
Result<std::int64_t> purge_messages(Database& database, const messaging::Retention& retention);
Result<void> delete_message(Database& database, MessageId id);

}  // namespace sallyport::storage
