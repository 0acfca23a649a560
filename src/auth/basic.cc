#include "auth/basic.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/secret.h"

namespace sallyport::auth {
namespace {

constexpr std::uint8_t kNoDigit = 0xFF;

constexpr auto kBase64Values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint32_t digit(char c) { return kBase64Values[static_cast<unsigned char>(c)]; }

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

BasicCredential::~BasicCredential() {
  OPENSSL_cleanse(bytes_.data(), size_);
  wipe(name_text_);
  wipe(password_text_);
}

// Canonical only: whole quads, padding where it must be, no bits left over in the last digit.
bool BasicCredential::decode(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0) return false;
  const std::size_t padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
  const std::size_t digits = base64.size() - padding;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint32_t value = digit(base64[i]);
    if (value == kNoDigit) return false;
    group = (group << 6) | value;
    if (i % 4 == 3) {
      bytes_[size_++] = static_cast<char>(group >> 16);
      bytes_[size_++] = static_cast<char>((group >> 8) & 0xFF);
      bytes_[size_++] = static_cast<char>(group & 0xFF);
      group = 0;
    }
  }
  if (padding == 1) {
    if ((group & 0x3) != 0) return false;
    bytes_[size_++] = static_cast<char>((group >> 10) & 0xFF);
    bytes_[size_++] = static_cast<char>((group >> 2) & 0xFF);
  } else if (padding == 2) {
    if ((group & 0xF) != 0) return false;
    bytes_[size_++] = static_cast<char>((group >> 4) & 0xFF);
  }
  return true;
}

bool BasicCredential::parse(std::string_view value) {
  constexpr std::string_view kScheme = "basic";
  if (value.size() > kMaxBasicBytes || value.size() <= kScheme.size()) return false;
  if (!equal_ascii_case(value.substr(0, kScheme.size()), kScheme)) return false;
  value.remove_prefix(kScheme.size());
  const std::size_t blanks = value.find_first_not_of(' ');
  if (blanks == 0 || blanks == std::string_view::npos) return false;
  OPENSSL_cleanse(bytes_.data(), std::exchange(size_, 0));
  as_sent_ = {};
  if (!decode(value.substr(blanks))) return false;

  const std::string_view decoded(bytes_.data(), size_);
  if (std::ranges::any_of(decoded, is_control)) return false;
  const std::size_t colon = decoded.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  if (is_ascii(decoded)) {
    for (std::size_t i = 0; i < colon; ++i) {
      if (bytes_[i] >= 'A' && bytes_[i] <= 'Z') bytes_[i] = static_cast<char>(bytes_[i] + 32);
    }
    name_ = decoded.substr(0, colon);
    password_ = decoded.substr(colon + 1);
    return true;
  }
  auto name = fold_username(decoded.substr(0, colon));
  auto password = normalize_password(decoded.substr(colon + 1));
  if (!name || !password) return false;
  name_text_ = std::move(*name);
  password_text_ = std::move(*password);
  name_ = name_text_;
  password_ = password_text_;
  if (password_ != decoded.substr(colon + 1)) as_sent_ = decoded.substr(colon + 1);
  return true;
}

}  // namespace sallyport::auth
