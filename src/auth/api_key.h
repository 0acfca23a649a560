// API keys as text: sp_{live|test}_ + id (12 Crockford digits) + _ + secret (32 base62 digits, 190
// bits) + 6 base62 digits of a CRC-32 over the rest. Only a key's SHA-256 is ever stored. Imported
// keys are any 16 to 255 bytes of %x21-7E that do not begin with our prefix. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/entities.h"
#include "base/random.h"
#include "base/secret.h"

namespace sallyport::auth {

inline constexpr std::size_t kKeyIdDigits = 12;
inline constexpr std::size_t kSecretDigits = 32;
inline constexpr std::size_t kChecksumDigits = 6;
inline constexpr std::size_t kMaxKeyBytes = 255;
inline constexpr std::size_t kMinImportedKeyBytes = 16;

struct GeneratedKey {
  Secret text;  // shown once
  KeyId id;
  Digest digest{};
  std::string hint;  // prefix, id and the last four digits
};
GeneratedKey generate_key(Environment environment, Random& random);

// What is stored of a key: its SHA-256, as base/crypto.h makes it, but without an allocation.
Digest digest_of(std::string_view key);

// What can be told of a presented key without a lookup.
enum class KeyShape : std::uint8_t {
  Ours,         // our prefix and a right checksum
  BadChecksum,  // our prefix, mistyped or made up: no lookup
  Foreign,      // may be an imported key
  Impossible,   // too long, or with a byte that no key has: no lookup
};
KeyShape shape_of(std::string_view key);

// Why `key` cannot be imported, or empty. Weak ones (shorter than 16 bytes) only with a flag.
std::string_view import_problem(std::string_view key, bool accept_weak);
// Of an imported key: the last four bytes when it has 20 or more, else nothing.
std::string imported_hint(std::string_view key);

// The id as keys and logs show it: 12 Crockford digits.
std::string key_id_text(KeyId id);

// 32 base62 digits, at least 190 bits: for secrets and generated passwords.
Secret random_secret(Random& random);

}  // namespace sallyport::auth
