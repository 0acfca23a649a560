#include "proxy/field_rules.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace sallyport::proxy {
namespace {

constexpr auto kNormal = [] {
  std::array<char, 256> table{};
  for (char& c : table) c = '-';
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = static_cast<char>(c);
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = static_cast<char>(c + 32);
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = static_cast<char>(c);
  return table;
}();

char normal(char c) { return kNormal[static_cast<unsigned char>(c)]; }

bool starts_with(std::string_view name, std::string_view prefix) {
  return name.size() >= prefix.size() && same_name(name.substr(0, prefix.size()), prefix);
}

template <std::size_t Size>
bool is_one_of(std::string_view name, const std::array<std::string_view, Size>& list) {
  return std::ranges::any_of(list, [name](std::string_view one) { return same_name(name, one); });
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (normal(a[i]) != normal(b[i])) return false;
  }
  return true;
}

void NameSet::add(std::string_view name) {
  std::string form(name);
  for (char& c : form) c = normal(c);
  if (std::ranges::find(names_, form) == names_.end()) names_.push_back(std::move(form));
}

bool NameSet::contains(std::string_view name) const {
  return std::ranges::any_of(names_,
                             [name](const std::string& one) { return same_name(name, one); });
}

// By the first letter, because this is asked for each field of each request.
bool is_dropped_from_request(std::string_view name) {
  switch (normal(name.front())) {
    case 'c':
      return is_one_of(name, std::array<std::string_view, 2>{"connection", "content-length"});
    case 'e': return same_name(name, "expect");
    case 'f': return same_name(name, "forwarded");
    case 'h': return is_one_of(name, std::array<std::string_view, 2>{"host", "http2-settings"});
    case 'k': return same_name(name, "keep-alive");
    case 'p': return starts_with(name, "proxy-");
    case 't':
      return is_one_of(name, std::array<std::string_view, 3>{"te", "trailer", "transfer-encoding"});
    case 'u': return same_name(name, "upgrade");
    case 'x':
      return starts_with(name, "x-sallyport-") || starts_with(name, "x-forwarded-") ||
             is_one_of(name,
                       std::array<std::string_view, 3>{"x-request-id", "x-real-ip", "x-forwarded"});
    default: return normal(name.front()) == '-';  // of no known name, but '_host' may be one
  }
}

bool is_dropped_from_response(std::string_view name) {
  switch (normal(name.front())) {
    case 'a': return same_name(name, "access-control-allow-credentials");
    case 'c':
      return is_one_of(name, std::array<std::string_view, 2>{"connection", "content-length"});
    case 'd': return same_name(name, "date");
    case 'k': return same_name(name, "keep-alive");
    case 'p': return starts_with(name, "proxy-");
    case 'r': return starts_with(name, "ratelimit");
    case 't':
      return is_one_of(name, std::array<std::string_view, 3>{"te", "trailer", "transfer-encoding"});
    case 'u': return same_name(name, "upgrade");
    case 'x':
      return starts_with(name, "x-sallyport-") || starts_with(name, "x-mashery-") ||
             starts_with(name, "x-error-") || starts_with(name, "x-plan-") ||
             same_name(name, "x-request-id");
    default: return false;
  }
}

bool names_field(std::string_view connection, std::string_view name) {
  while (!connection.empty()) {
    const std::size_t comma = connection.find(',');
    if (equal_ascii_case(trim_ascii(connection.substr(0, comma)), name)) return true;
    if (comma == std::string_view::npos) break;
    connection.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace sallyport::proxy
