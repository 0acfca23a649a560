// What SMSCs have accepted and reported, and whom nothing is sent to. Writes on the writer's
// thread, in its transaction; reads on any with a connection.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "messaging/sms_store.h"
#include "storage/database.h"

namespace sallyport::storage {

Result<messaging::SmsDispatch> read_dispatch(Database& database, AccountId account,
                                             MessageId message, std::int32_t recipient,
                                             const std::string& number);

// True when a receipt was here before and has been applied.
Result<bool> accept_part(Database& database, const messaging::AcceptedPart& part);
// True when it found its part; the recipient's state moves when all its parts have arrived, or one
// has failed. Else it is kept for a day.
Result<bool> take_part_report(Database& database, const messaging::PartReport& report);

}  // namespace sallyport::storage
