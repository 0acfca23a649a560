#include "auth/api_key.h"

// EVP allocates for each digest, also in a context that is used again (3.0.19); these do not.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/result.h"

namespace sallyport::auth {
namespace {

constexpr std::string_view kLivePrefix = "sp_live_";
constexpr std::string_view kTestPrefix = "sp_test_";
constexpr std::size_t kPrefixBytes = 8;
constexpr std::size_t kKeyBytes = kPrefixBytes + kKeyIdDigits + 1 + kSecretDigits + kChecksumDigits;
constexpr std::string_view kBase62 =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool has_our_prefix(std::string_view key) {
  return key.starts_with(kLivePrefix) || key.starts_with(kTestPrefix);
}

// The same digits as base62_encode(), without a string: this is on every request's path.
std::array<char, kChecksumDigits> checksum_of(std::string_view rest) {
  std::array<char, kChecksumDigits> digits{};
  std::uint32_t value = crc32(rest);
  for (std::size_t i = digits.size(); i-- > 0; value /= 62) digits[i] = kBase62[value % 62];
  return digits;
}

bool is_key_byte(char c) { return c >= 0x21 && c <= 0x7E; }

}  // namespace

Secret random_secret(Random& random) {
  std::string text(kSecretDigits, '\0');
  for (char& digit : text) digit = kBase62[random.below(kBase62.size())];
  return Secret(std::move(text));
}

GeneratedKey generate_key(Environment environment, Random& random) {
  GeneratedKey made;
  made.id = make_id<KeyId>(random);
  const std::string head =
      std::string(environment == Environment::Live ? kLivePrefix : kTestPrefix) +
      key_id_text(made.id);
  const Secret secret = random_secret(random);
  std::string text;
  text.reserve(kKeyBytes + 1);
  text += head;
  text += '_';
  text += secret.reveal();
  const auto checksum = checksum_of(text);
  text.append(checksum.begin(), checksum.end());
  made.digest = digest_of(text);
  made.hint = head + "..." + text.substr(text.size() - 4);
  made.text = Secret(std::move(text));
  return made;
}

Digest digest_of(std::string_view key) {
  Digest digest;
  SHA256_CTX hash;
  const bool good = SHA256_Init(&hash) == 1 && SHA256_Update(&hash, key.data(), key.size()) == 1 &&
                    SHA256_Final(digest.data(), &hash) == 1;
  SALLYPORT_CHECK(good);
  return digest;
}

KeyShape shape_of(std::string_view key) {
  if (key.empty() || key.size() > kMaxKeyBytes) return KeyShape::Impossible;
  if (has_our_prefix(key)) {
    if (key.size() != kKeyBytes) return KeyShape::BadChecksum;
    const auto expected = checksum_of(key.substr(0, kKeyBytes - kChecksumDigits));
    const bool right = key.ends_with(std::string_view(expected.data(), expected.size())) &&
                       std::ranges::count_if(key, std::not_fn(is_key_byte)) == 0;
    return right ? KeyShape::Ours : KeyShape::BadChecksum;
  }
  return std::ranges::all_of(key, is_key_byte) ? KeyShape::Foreign : KeyShape::Impossible;
}

std::string_view import_problem(std::string_view key, bool accept_weak) {
  if (key.empty()) return "an API key may not be empty";
  if (has_our_prefix(key)) return "an imported API key may not begin with sp_live_ or sp_test_";
  if (key.size() > kMaxKeyBytes) return "an API key has at most 255 bytes";
  if (!std::ranges::all_of(key, is_key_byte)) return "an API key has only bytes of %x21-7E";
  if (key.size() < kMinImportedKeyBytes && !accept_weak) return "an API key has at least 16 bytes";
  return {};
}

std::string imported_hint(std::string_view key) {
  return key.size() >= 20 ? "..." + std::string(key.substr(key.size() - 4)) : std::string();
}

std::string key_id_text(KeyId id) { return crockford_encode(id.value, kKeyIdDigits); }

}  // namespace sallyport::auth
