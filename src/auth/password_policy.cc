#include "auth/password_policy.h"

#include <algorithm>
#include <string>

#include "auth/common_passwords.h"
#include "base/encoding.h"
#include "base/secret.h"

namespace sallyport::auth {
namespace {

bool is_listed(std::string_view text) {
  return std::ranges::binary_search(common_passwords(), text);
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

// "p4$$w0rd" as it was meant.
char plain(char c) {
  switch (c) {
    case '0': return 'o';
    case '1':
    case '!': return 'i';
    case '3': return 'e';
    case '4':
    case '@': return 'a';
    case '5':
    case '$': return 's';
    case '7': return 't';
    default: return c;
  }
}

// Each character the same distance from the one before: "aaaaaaaa", "12345678", "hgfedcba".
bool is_run(std::string_view text) {
  const int step = text[1] - text[0];
  if (step < -1 || step > 1) return false;
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (text[i] - text[i - 1] != step) return false;
  }
  return true;
}

// One short piece again and again: "abcabcabc", "12121212".
bool is_repeated(std::string_view text) {
  for (std::size_t piece = 1; piece <= 4; ++piece) {
    bool same = true;
    for (std::size_t i = piece; same && i < text.size(); ++i) same = text[i] == text[i - piece];
    if (same) return true;
  }
  return false;
}

// Without what people put behind and before a word to have digits and marks in it.
std::string_view core_of(std::string_view text) {
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  while (!text.empty() && !is_letter(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace

bool is_common_password(std::string_view folded) {
  if (folded.size() < 2) return true;
  if (is_listed(folded) || is_run(folded) || is_repeated(folded)) return true;
  // A long password is not made common by a common word within it, a word with a year is.
  constexpr std::size_t kMostAround = 6;
  const auto is_word_with_ends = [&](std::string_view text) {
    const std::string_view core = core_of(text);
    return core.size() + kMostAround >= text.size() && core.size() >= 4 && is_listed(core);
  };
  if (is_word_with_ends(folded)) return true;
  std::string meant(folded);
  // Digits at its end are digits, those among letters are letters.
  const std::size_t last = folded.find_last_not_of("0123456789!");
  for (std::size_t i = 0; i < meant.size() && last != std::string_view::npos && i <= last; ++i) {
    meant[i] = plain(meant[i]);
  }
  const bool common = is_listed(meant) || is_word_with_ends(meant);
  wipe(meant);
  return common;
}

Result<void> check_password_policy(std::string_view password, std::string_view username) {
  auto normal = normalize_password(password);
  if (!normal) {
    return fail(ErrorKind::Invalid, "the password must be UTF-8 without control characters");
  }
  const Secret text(std::move(*normal));
  const std::size_t length = count_code_points(text.reveal());
  if (length < kMinPasswordCharacters || length > kMaxPasswordCharacters) {
    return fail(ErrorKind::Invalid, "the password has " + std::to_string(length) +
                                        " characters; it must have " +
                                        std::to_string(kMinPasswordCharacters) + " to " +
                                        std::to_string(kMaxPasswordCharacters));
  }
  auto folded = fold_username(text.reveal());
  const auto name = fold_username(username);
  const Secret lower(folded ? std::move(*folded) : std::string());
  if (name && !name->empty() && lower.reveal().find(*name) != std::string_view::npos) {
    return fail(ErrorKind::Invalid, "the password must not hold the user name");
  }
  if (is_common_password(lower.reveal())) {
    return fail(ErrorKind::Invalid, "the password is one of those that everybody tries first");
  }
  return {};
}

}  // namespace sallyport::auth
