// Writes a message as an internet mail (RFC 5322, 2045, 2047, 2231): one form for every channel
// that carries mail. Every line ends in CRLF and no line is longer than 78 bytes but for a long
// address or word; a CR, LF or NUL from outside can get into no header, whatever was checked
// before: the writer looks again and returns an Error. The same message gives the same bytes on
// every attempt. Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "messaging/message.h"

namespace sallyport::messaging {

// `mail_from` is the address in From; `to` the recipients that may see each other in To: with more
// than one the header names none.
Result<std::string> write_mail(const Message& message, std::string_view mail_from,
                               const std::vector<std::string>& to);

// "<0123...@example.com>": one per message, the same on every attempt.
std::string message_id_of(const Message& message, std::string_view mail_from);

// The pieces, for tests. Text in UTF-8; line ends of every kind become CRLF.
std::string quoted_printable(std::string_view text);
std::string base64_lines(std::string_view bytes);
// A header's value: as it is when short printable ASCII, else encoded words on folded lines.
// `used`: columns that the line has already.
std::string header_text(std::string_view utf8, std::size_t used);
// "; filename=..." by RFC 2231.
std::string parameter(std::string_view name, std::string_view utf8);

}  // namespace sallyport::messaging
