// Text encodings: base64 (RFC 4648 4, canonical and padded only), base62, Crockford base32, hex,
// percent (RFC 3986 2.1), UTF-8, and the Unicode profiles for names and passwords (RFC 8265).
// Pure functions, any thread; nullopt means "not in this encoding".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sallyport {

std::string base64_encode(std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);  // canonical, padded
// RFC 4648 5, without padding, as tokens and keys have it (RFC 7515 2).
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);
// For attachments: also without padding or with line breaks (RFC 2045 6.8).
std::optional<std::string> base64_decode_lenient(std::string_view text);

std::string hex_lower(std::span<const std::uint8_t> bytes);
std::optional<std::string> hex_decode(std::string_view text);

std::optional<std::uint8_t> hex_digit(char c);                                     // either case
void append_hex_upper(std::string& out, std::uint64_t value);                      // 16 digits
void append_crockford(std::string& out, std::uint64_t value, std::size_t digits);  // 12 at most

std::string crockford_encode(std::uint64_t value, std::size_t digits);  // most significant first
std::optional<std::uint64_t> crockford_decode(std::string_view text);   // upper case, at most 12
std::string base62_encode(std::uint64_t value, std::size_t digits);

std::optional<std::string> percent_decode(std::string_view text);  // '+' is not a blank
std::string percent_encode_query(std::string_view text);           // for a value put into a query

bool is_utf8(std::string_view text);  // no surrogates, nothing overlong, at most U+10FFFF
std::size_t count_code_points(std::string_view utf8);
bool has_control(std::string_view utf8);  // C0, DEL or C1

// The form in which names are compared: NFC, then case folded; nullopt when not UTF-8, empty, or
// with a control character.
std::optional<std::string> fold_username(std::string_view utf8);
// NFC; nullopt when not UTF-8 or with a control character.
std::optional<std::string> normalize_password(std::string_view utf8);

bool equal_ascii_case(std::string_view a, std::string_view b);
std::string ascii_lower(std::string_view text);
std::string_view trim_ascii(std::string_view text);  // SP and HTAB at both ends

// Appends `text` as the inside of a JSON string (RFC 8259 7), without the quotes.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace sallyport
