#include "gateway/role_list.h"

#include <algorithm>

namespace sallyport::gateway {

void append_role(std::string& list, std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) { return c >= 0x20 && c < 0x7F; });
  if (!list.empty()) list += ", ";
  list += plain ? "\"" : "%\"";
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (plain) {
      if (c == '"' || c == '\\') list += '\\';
      list += c;
    } else if (byte >= 0x20 && byte < 0x7F && c != '%' && c != '"') {
      list += c;
    } else {
      list += '%';
      list += kDigits[byte >> 4];
      list += kDigits[byte & 15];
    }
  }
  list += '"';
}

}  // namespace sallyport::gateway
