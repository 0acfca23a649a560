#include "messaging/text.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The part of the GSM alphabet that is not ASCII, and the ASCII that is not in it.
constexpr std::u32string_view kGsmBeyondAscii =
    U"\u00A3\u00A5\u00E8\u00E9\u00F9\u00EC\u00F2\u00C7\u00D8\u00F8\u00C5\u00E5\u0394\u03A6\u0393"
    U"\u039B\u03A9\u03A0\u03A8\u03A3\u0398\u039E\u00C6\u00E6\u00DF\u00C9\u00A4\u00A1\u00C4\u00D6"
    U"\u00D1\u00DC\u00A7\u00BF\u00E4\u00F6\u00F1\u00FC\u00E0\u20AC";

bool is_gsm_char(char32_t value) {
  if (value == U'\n' || value == U'\r' || value == U'\f') return true;
  if (value >= 0x20 && value < 0x7F) return value != U'`';
  return kGsmBeyondAscii.find(value) != std::u32string_view::npos;
}

}  // namespace

std::optional<CodePoint> code_point_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::nullopt;
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return CodePoint{first, 1};
  std::size_t length = 0;
  char32_t value = 0;
  char32_t least = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    value = first & 0x1FU;
    least = 0x80;
  } else if ((first & 0xF0U) == 0xE0U) {
    length = 3;
    value = first & 0x0FU;
    least = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    value = first & 0x07U;
    least = 0x10000;
  } else {
    return std::nullopt;
  }
  if (at + length > text.size()) return std::nullopt;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return std::nullopt;
    value = (value << 6) | (byte(at + i) & 0x3FU);
  }
  if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    return std::nullopt;
  }
  return CodePoint{value, length};
}

void append_utf8(std::string& out, char32_t value) {
  const auto add = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (value < 0x80) {
    add(value);
  } else if (value < 0x800) {
    add(0xC0 | (value >> 6));
    add(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    add(0xE0 | (value >> 12));
    add(0x80 | ((value >> 6) & 0x3F));
    add(0x80 | (value & 0x3F));
  } else {
    add(0xF0 | (value >> 18));
    add(0x80 | ((value >> 12) & 0x3F));
    add(0x80 | ((value >> 6) & 0x3F));
    add(0x80 | (value & 0x3F));
  }
}

bool is_xml_char(char32_t value) {
  if (value < 0x20) return value == U'\t' || value == U'\n' || value == U'\r';
  return value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF) && value != 0xFFFE &&
         value != 0xFFFF;
}

namespace {

template <class Allowed>
std::string replace_others(std::string_view text, Allowed allowed) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto point = code_point_at(text, i);
    if (point && allowed(point->value)) {
      out.append(text, i, point->length);
    } else {
      out += kReplacement;
    }
    i += point ? point->length : 1;
  }
  return out;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);  // nearly always
  return replace_others(text, [](char32_t) { return true; });
}

std::string valid_xml_text(std::string_view text) { return replace_others(text, is_xml_char); }

bool is_gsm_text(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size();) {
    const auto point = code_point_at(utf8, i);
    if (!point || !is_gsm_char(point->value)) return false;
    i += point->length;
  }
  return true;
}

std::size_t sms_parts(std::string_view utf8) {
  const bool gsm = is_gsm_text(utf8);
  const std::size_t whole = gsm ? 160 : 70;
  const std::size_t most = gsm ? 153 : 67;
  std::size_t units = 0;
  std::size_t parts = 1;
  std::size_t in_part = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto point = code_point_at(utf8, i);
    const char32_t value = point ? point->value : U'?';
    i += point ? point->length : 1;
    // An escape and a character; a pair of surrogates.
    const bool two = gsm ? value == U'\u20AC' ||
                               (value < 0x80 && value != 0 &&
                                std::string_view("^{}\\[~]|\f").find(static_cast<char>(value)) !=
                                    std::string_view::npos)
                         : value > 0xFFFF;
    const std::size_t width = two ? 2 : 1;
    units += width;
    // What is of two stays together, so a part may end one short.
    if (in_part + width > most) {
      ++parts;
      in_part = 0;
    }
    in_part += width;
  }
  return units <= whole ? 1 : parts;
}

std::string excerpt(std::string_view utf8, std::size_t limit) {
  std::size_t end = std::min(limit, utf8.size());
  while (end > 0 && end < utf8.size() && (static_cast<unsigned char>(utf8[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return valid_utf8(utf8.substr(0, end));
}

std::string printable(std::string_view bytes, std::size_t limit) {
  std::string out(bytes.substr(0, limit));
  for (char& c : out) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return out;
}

}  // namespace sallyport::messaging
