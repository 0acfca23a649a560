// The characters of a token (RFC 9110 5.6.2): methods, field names, names of trailers. Pure.
#pragma once

#include <array>
#include <cstddef>

namespace sallyport::http {

// The lower-case form of each token character, 0 for others.
inline constexpr auto kTokenLower = [] {
  std::array<char, 256> table{};
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = c;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = static_cast<char>(c + 32);
  for (char c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = c;
  for (const char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<std::size_t>(c)] = c;
  }
  return table;
}();

constexpr char token_lower(char c) { return kTokenLower[static_cast<unsigned char>(c)]; }

}  // namespace sallyport::http
