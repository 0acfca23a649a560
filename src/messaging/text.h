// Text as messages have it: code points, what XML 1.0 can carry, the GSM alphabet, what is safe in
// a header or a log. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::messaging {

// The code point at `at` and its length in bytes; nullopt when the bytes there are not UTF-8.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;
};
std::optional<CodePoint> code_point_at(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t value);

// XML 1.0 2.2: TAB, LF, CR, U+0020 and above without surrogates, U+FFFE and U+FFFF.
bool is_xml_char(char32_t value);

// With U+FFFD for each byte that is not UTF-8; the second also for what XML cannot carry.
std::string valid_utf8(std::string_view text);
std::string valid_xml_text(std::string_view text);

// Every character is in the GSM 7-bit default alphabet or its extension (3GPP TS 23.038 6.2.1).
bool is_gsm_text(std::string_view utf8);

// The parts that a text of an SMS takes (3GPP TS 23.040 9.2.3.24.1): one of 160 characters in the
// GSM alphabet or 70 in UCS-2, else parts of 153 or 67.
std::size_t sms_parts(std::string_view utf8);

// Its beginning, `limit` bytes at most, without half a character: for what a client has sent.
std::string excerpt(std::string_view utf8, std::size_t limit);

// Printable ASCII, the rest as '?', cut at `limit` bytes: for what comes from another machine.
std::string printable(std::string_view bytes, std::size_t limit);

}  // namespace sallyport::messaging
