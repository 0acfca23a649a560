// What an SMSC delivers, as the store keeps it: a receipt's last word about a part, and what people
// write. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "messaging/channels/smpp/pdu.h"
#include "messaging/channels/smpp/receipt.h"
#include "messaging/sms_store.h"

namespace sallyport::messaging {

PartReport report_of(const std::string& smsc, const Delivered& delivered, const Receipt& receipt,
                     std::int64_t now_us);

// nullopt when its header is broken.
std::optional<IncomingSms> incoming_of(const std::string& smsc, const Delivered& delivered,
                                       std::int64_t now_us);

}  // namespace sallyport::messaging
