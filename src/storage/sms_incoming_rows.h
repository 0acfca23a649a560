// What people write back, and STOP and START among it. Writes on the writer's thread, in its
// transaction; reads on any with a connection.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "messaging/operator_store.h"
#include "messaging/sms_store.h"
#include "storage/database.h"

namespace sallyport::storage {

// Whose it is: the accounts that have the number as a sender; else those that have sent SMS to its
// source; else nobody's. STOP and START hold for all of these. True when it is whole and stored.
Result<bool> take_incoming(Database& database, const messaging::IncomingSms& sms);

Result<std::vector<messaging::IncomingRow>> list_incoming(Database& database,
                                                          const messaging::SmsFilter& filter);
Result<std::vector<messaging::StopRow>> list_stops(Database& database,
                                                   const messaging::SmsFilter& filter);

// What is kept about a number, but for its STOP. How many incoming messages.
Result<std::int64_t> erase_number(Database& database, const std::string& number);

}  // namespace sallyport::storage
