// Delivery receipts: what an SMSC says became of a message (SMPP 3.4, appendix B and 5.2.28), and
// how its message ids are matched, which some write in hexadecimal when they accept a message and
// in decimal in the receipt, or the other way. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messaging/channels/smpp/pdu.h"

namespace sallyport::messaging {

enum class ReceiptState : std::uint8_t {
  Underway,   // ENROUTE, ACCEPTD, SCHEDULED: not the last word
  Delivered,  // DELIVRD
  Failed,     // EXPIRED, DELETED, UNDELIV, REJECTD
  Unknown,    // UNKNOWN, or a word that nobody knows: not the last word
};

struct Receipt {
  std::string id;  // as written
  ReceiptState state = ReceiptState::Unknown;
  std::string word;        // "DELIVRD"
  std::int32_t error = 0;  // err:, as far as it is a number
};

// Parameters go before the text. nullopt when there is no id in either.
std::optional<Receipt> read_receipt(const Delivered& delivered);

// As an id is stored: lower case, without zeros in front.
std::string receipt_key(std::string_view id);

// What a receipt's id may have been stored as, likeliest first: as it is; as the other base of the
// same number.
std::vector<std::string> receipt_keys(std::string_view id);

}  // namespace sallyport::messaging
