// The characters of a token (RFC 9110 5.6.2): methods, field names, names of trailers. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sallyport::http {

// The lower-case form of each token character, 0 for others.
inline constexpr auto kTokenLower = [] {
  std::array<char, 256> table{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = static_cast<char>(c);
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = static_cast<char>(c + 32);
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = static_cast<char>(c);
  for (const unsigned char c : std::string_view("!#$%&'*+-.^_`|~")) table[c] = static_cast<char>(c);
  return table;
}();

constexpr char token_lower(char c) { return kTokenLower[static_cast<unsigned char>(c)]; }

}  // namespace sallyport::http
