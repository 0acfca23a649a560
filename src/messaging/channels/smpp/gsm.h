// The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1), one septet an
// octet, as SMPP carries it with data_coding 0. Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::messaging {

inline constexpr char kGsmEscape = 0x1B;  // the septet behind it is of the extension table

// Septets; nullopt when a character is in neither table, or the bytes are not UTF-8.
std::optional<std::string> to_gsm(std::string_view utf8);

// The other way. Septets without a meaning become U+FFFD; an escape before one that the extension
// table lacks shows the default alphabet's (6.2.1.1); bytes above 0x7F are no septets.
std::string from_gsm(std::string_view septets);

// UTF-16, big-endian, as SMPP carries it with data_coding 8; nullopt when it is not UTF-8.
std::optional<std::string> to_ucs2(std::string_view utf8);
// Lone surrogates and half a unit at the end become U+FFFD.
std::string from_ucs2(std::string_view bytes);

}  // namespace sallyport::messaging
