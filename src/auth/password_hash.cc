#include "auth/password_hash.h"

#include <argon2.h>

#include <array>
#include <span>

#include "auth/api_key.h"
#include "auth/foreign_hash.h"
#include "base/crypto.h"
#include "base/encoding.h"

namespace sallyport::auth {
namespace {

constexpr std::string_view kSha256Prefix = "$sha256$";
constexpr std::string_view kWrapPrefix = "$wrap-sha1$";
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 32;
constexpr std::size_t kMaxPasswordBytes = 1024;

// Base64 without padding, as the PHC format wants it.
std::string unpadded(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}
std::string unpadded(std::span<const std::uint8_t> bytes) {
  return unpadded({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string phc(const Argon2Cost& cost, std::span<const std::uint8_t> salt,
                std::span<const std::uint8_t> tag) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=" + std::to_string(cost.lanes) + "$" +
         unpadded(salt) + "$" + unpadded(tag);
}

Result<std::string> argon2id(std::string_view text, const Argon2Cost& cost, Random& random) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  random.fill(salt);
  std::array<std::uint8_t, kTagBytes> tag{};
  const int done = argon2id_hash_raw(cost.passes, cost.memory_kib, cost.lanes, text.data(),
                                     text.size(), salt.data(), salt.size(), tag.data(), tag.size());
  if (done != ARGON2_OK) {
    return fail(ErrorKind::Internal, std::string("argon2id: ") + argon2_error_message(done));
  }
  return phc(cost, salt, tag);
}

Verdict verify_argon2id(std::string_view verifier, std::string_view password) {
  const std::string terminated(verifier);
  switch (argon2id_verify(terminated.c_str(), password.data(), password.size())) {
    case ARGON2_OK: return Verdict::Right;
    case ARGON2_VERIFY_MISMATCH: return Verdict::Wrong;
    default: return Verdict::Unusable;
  }
}

Verdict verify_one(std::string_view verifier, const PasswordFormat& format,
                   std::string_view password) {
  switch (format.kind) {
    case HashKind::Argon2id: return verify_argon2id(verifier, password);
    case HashKind::WrappedSha1: {
      const Secret digest(sha1_hex(password, format.salt));
      return verify_argon2id(format.inner, digest.reveal());
    }
    case HashKind::Sha256: {
      const Digest digest = sha256(password);
      const std::string_view actual(reinterpret_cast<const char*>(digest.data()), digest.size());
      return equal_constant_time(actual, format.tag) ? Verdict::Right : Verdict::Wrong;
    }
    default: break;
  }
  const auto fits = fits_foreign(verifier, format, password);
  if (!fits) return Verdict::Unusable;
  return *fits ? Verdict::Right : Verdict::Wrong;
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
  return argon2id(text.reveal(), cost, random);
}

GeneratedPassword generate_password(Random& random) {
  GeneratedPassword made;
  made.text = random_secret(random);
  made.verifier = std::string(kSha256Prefix) + hex_lower(sha256(made.text.reveal()));
  return made;
}

Result<std::string> import_hash(std::string_view text, const Argon2Cost& cost, Random& random) {
  if (is_fast_import(text)) {
    const auto fast = read_fast_import(text);
    if (!fast) return std::unexpected(fast.error());
    const std::span digest(reinterpret_cast<const std::uint8_t*>(fast->digest.data()),
                           fast->digest.size());
    auto inner = argon2id(hex_lower(digest), cost, random);
    if (!inner) return inner;
    return std::string(kWrapPrefix) + unpadded(fast->salt) + *inner;
  }
  if (is_fast(text)) {
    return fail(ErrorKind::Invalid,
                "$sha256$ is for generated passwords; a hash from elsewhere must be slow");
  }
  const auto format = read_format(text);
  if (!format) return std::unexpected(format.error());
  return std::string(text);
}

std::string dummy_verifier(const Argon2Cost& cost, Random& random) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  std::array<std::uint8_t, kTagBytes> tag{};
  random.fill(salt);
  random.fill(tag);
  return phc(cost, salt, tag);
}

// Letters and digits behind the cost become others, but for the last of each run: it may carry bits
// that must be zero. Bcrypt's salt ends within a run.
std::string dummy_like(std::string_view verifier, Random& random) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kAny =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t kBcryptSaltEnd = 28;
  const auto format = read_format(verifier);
  std::string made(verifier);
  if (!format) return made;
  std::size_t at = format->cost.size();
  if (format->kind == HashKind::WrappedSha1) {
    at = made.size() - format->inner.size() + format->cost.size();
  }
  if (format->kind == HashKind::Scrypt && !made.starts_with('$')) at = made.rfind('$') + 1;
  const std::string_view letters = format->kind == HashKind::Sha256 ? kHex : kAny;
  const auto is_letter = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  for (; at + 1 < made.size(); ++at) {
    const bool ends = made[at + 1] == '$' || made[at + 1] == '=';
    const bool salt_end = made.starts_with("$2") && at == kBcryptSaltEnd;
    if (is_letter(made[at]) && !ends && !salt_end) made[at] = letters[random.below(letters.size())];
  }
  return made;
}

bool is_fast(std::string_view verifier) { return verifier.starts_with(kSha256Prefix); }

Verdict verify_password(std::string_view verifier, std::string_view password,
                        std::string_view as_sent) {
  const auto format = read_format(verifier);
  if (!format) return Verdict::Unusable;
  const Verdict verdict = verify_one(verifier, *format, password);
  if (verdict != Verdict::Wrong || as_sent.empty() || as_sent == password) return verdict;
  return verify_one(verifier, *format, as_sent);
}

bool needs_upgrade(std::string_view verifier, const Argon2Cost& cost) {
  if (is_fast(verifier)) return false;
  const auto format = read_format(verifier);
  return format && (format->kind != HashKind::Argon2id || format->argon2 != cost);
}

}  // namespace sallyport::auth
