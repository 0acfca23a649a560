#include "messaging/channels/smpp/gsm.h"

#include <array>
#include <cstdint>

#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// By septet. The escape's own place is never looked up.
constexpr std::u32string_view kDefault =
    U"@\u00A3$\u00A5\u00E8\u00E9\u00F9\u00EC\u00F2\u00C7\n\u00D8\u00F8\r\u00C5\u00E5"
    U"\u0394_\u03A6\u0393\u039B\u03A9\u03A0\u03A8\u03A3\u0398\u039E\uFFFD\u00C6\u00E6\u00DF\u00C9"
    U" !\"#\u00A4%&'()*+,-./0123456789:;<=>?"
    U"\u00A1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00C4\u00D6\u00D1\u00DC\u00A7"
    U"\u00BFabcdefghijklmnopqrstuvwxyz\u00E4\u00F6\u00F1\u00FC\u00E0";
static_assert(kDefault.size() == 128);

struct Extended {
  char septet;
  char32_t value;
};
constexpr std::array<Extended, 10> kExtension = {{{0x0A, U'\f'},
                                                  {0x14, U'^'},
                                                  {0x28, U'{'},
                                                  {0x29, U'}'},
                                                  {0x2F, U'\\'},
                                                  {0x3C, U'['},
                                                  {0x3D, U'~'},
                                                  {0x3E, U']'},
                                                  {0x40, U'|'},
                                                  {0x65, U'\u20AC'}}};

// Appends the septets of one character; false when there are none.
bool append_septets(std::string& out, char32_t value) {
  if (value == kReplacement) return false;
  const std::size_t septet = kDefault.find(value);
  if (septet != std::u32string_view::npos) {
    out += static_cast<char>(septet);
    return true;
  }
  for (const Extended& one : kExtension) {
    if (one.value != value) continue;
    out += kGsmEscape;
    out += one.septet;
    return true;
  }
  return false;
}

char32_t of_extension(unsigned char septet) {
  for (const Extended& one : kExtension) {
    if (one.septet == static_cast<char>(septet)) return one.value;
  }
  return kDefault[septet];
}

void append_unit(std::string& out, char32_t unit) {
  out += static_cast<char>((unit >> 8) & 0xFF);
  out += static_cast<char>(unit & 0xFF);
}

bool is_high(char32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(char32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

std::optional<std::string> to_gsm(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const auto point = code_point_at(utf8, i);
    if (!point || !append_septets(out, point->value)) return std::nullopt;
    i += point->length;
  }
  return out;
}

std::string from_gsm(std::string_view septets) {
  std::string out;
  for (std::size_t i = 0; i < septets.size(); ++i) {
    auto septet = static_cast<unsigned char>(septets[i]);
    if (septet > 0x7F) {
      append_utf8(out, kReplacement);
    } else if (septets[i] != kGsmEscape) {
      append_utf8(out, kDefault[septet]);
    } else if (i + 1 < septets.size() && static_cast<unsigned char>(septets[i + 1]) <= 0x7F) {
      septet = static_cast<unsigned char>(septets[++i]);
      append_utf8(out, of_extension(septet));
    } else {
      append_utf8(out, kReplacement);
    }
  }
  return out;
}

std::optional<std::string> to_ucs2(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size() * 2);
  for (std::size_t i = 0; i < utf8.size();) {
    const auto point = code_point_at(utf8, i);
    if (!point) return std::nullopt;
    i += point->length;
    if (point->value < 0x10000) {
      append_unit(out, point->value);
    } else {
      append_unit(out, 0xD800 + ((point->value - 0x10000) >> 10));
      append_unit(out, 0xDC00 + ((point->value - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string from_ucs2(std::string_view bytes) {
  const auto unit_at = [bytes](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(bytes[i]) << 8 |
                                 static_cast<unsigned char>(bytes[i + 1]));
  };
  std::string out;
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    const char32_t unit = unit_at(i);
    if (is_high(unit) && i + 3 < bytes.size() && is_low(unit_at(i + 2))) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (unit_at(i + 2) - 0xDC00));
      i += 2;
    } else {
      append_utf8(out, is_high(unit) || is_low(unit) ? kReplacement : unit);
    }
  }
  if (i < bytes.size()) append_utf8(out, kReplacement);
  return out;
}

}  // namespace sallyport::messaging
