#include "auth/password_hash.h"

#include <argon2.h>

#include <array>
#include <charconv>
#include <optional>

#include "auth/api_key.h"
#include "base/crypto.h"
#include "base/encoding.h"

namespace sallyport::auth {
namespace {

constexpr std::string_view kSha256Prefix = "$sha256$";
constexpr std::string_view kArgonPrefix = "$argon2id$v=19$";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 32;
constexpr std::size_t kMaxPasswordBytes = 1024;
constexpr std::size_t kMaxVerifierBytes = 512;
// Caps on what a stored string may ask for: an imported hash must not be a way to stop the server.
constexpr Argon2Cost kCap{256 * 1024, 10, 8};

// Base64 without padding, as the PHC format wants it.
std::string unpadded(std::span<const std::uint8_t> bytes) {
  std::string text = base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::string phc(const Argon2Cost& cost, std::span<const std::uint8_t> salt,
                std::span<const std::uint8_t> tag) {
  return std::string(kArgonPrefix) + "m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=" + std::to_string(cost.lanes) + "$" +
         unpadded(salt) + "$" + unpadded(tag);
}

// Takes "<name>=<digits>" and what ends it off the front.
std::optional<std::uint32_t> take_number(std::string_view& text, std::string_view name, char end) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  std::uint32_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest == text.data() + text.size() || *rest != end) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
  return value;
}

bool within_caps(std::string_view verifier) {
  if (verifier.size() > kMaxVerifierBytes || !verifier.starts_with(kArgonPrefix)) return false;
  verifier.remove_prefix(kArgonPrefix.size());
  const auto memory = take_number(verifier, "m=", ',');
  if (!memory || *memory > kCap.memory_kib) return false;
  const auto passes = take_number(verifier, "t=", ',');
  if (!passes || *passes > kCap.passes) return false;
  const auto lanes = take_number(verifier, "p=", '$');
  return lanes && *lanes <= kCap.lanes;
}

}  // namespace

Result<std::string> hash_password(std::string_view password, const Argon2Cost& cost,
                                  Random& random) {
  if (password.empty()) return fail(ErrorKind::Invalid, "a password may not be empty");
  auto normal = normalize_password(password);
  if (!normal) {
    return fail(ErrorKind::Invalid, "a password is UTF-8 without control characters");
  }
  const Secret text(std::move(*normal));
  if (text.size() > kMaxPasswordBytes) {
    return fail(ErrorKind::Invalid, "a password has at most 1024 bytes");
  }
  std::array<std::uint8_t, kSaltBytes> salt{};
  random.fill(salt);
  std::array<std::uint8_t, kTagBytes> tag{};
  const int done = argon2id_hash_raw(cost.passes, cost.memory_kib, cost.lanes, text.reveal().data(),
                                     text.size(), salt.data(), salt.size(), tag.data(), tag.size());
  if (done != ARGON2_OK) {
    return fail(ErrorKind::Internal, std::string("argon2id: ") + argon2_error_message(done));
  }
  return phc(cost, salt, tag);
}

GeneratedPassword generate_password(Random& random) {
  GeneratedPassword made;
  made.text = random_secret(random);
  made.verifier = std::string(kSha256Prefix) + hex_lower(sha256(made.text.reveal()));
  return made;
}

std::string dummy_verifier(const Argon2Cost& cost, Random& random) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  std::array<std::uint8_t, kTagBytes> tag{};
  random.fill(salt);
  random.fill(tag);
  return phc(cost, salt, tag);
}

bool is_fast(std::string_view verifier) { return verifier.starts_with(kSha256Prefix); }

Verdict verify_password(std::string_view verifier, std::string_view password) {
  if (is_fast(verifier)) {
    const auto expected = hex_decode(verifier.substr(kSha256Prefix.size()));
    if (!expected) return Verdict::Unusable;
    const Digest digest = sha256(password);
    const std::string_view actual(reinterpret_cast<const char*>(digest.data()), digest.size());
    return equal_constant_time(actual, *expected) ? Verdict::Right : Verdict::Wrong;
  }
  if (!within_caps(verifier)) return Verdict::Unusable;
  const std::string terminated(verifier);
  switch (argon2id_verify(terminated.c_str(), password.data(), password.size())) {
    case ARGON2_OK: return Verdict::Right;
    case ARGON2_VERIFY_MISMATCH: return Verdict::Wrong;
    default: return Verdict::Unusable;
  }
}

}  // namespace sallyport::auth
