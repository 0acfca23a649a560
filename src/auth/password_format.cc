#include "auth/password_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/encoding.h"

namespace sallyport::auth {
namespace {

// Caps on what a stored text may ask for.
constexpr Argon2Cost kCap{256 * 1024, 10, 8};
constexpr std::uint64_t kMaxMemoryBytes = 256ULL << 20U;  // scrypt, yescrypt
constexpr std::uint64_t kMinRounds = 1'000;
constexpr std::uint64_t kMaxShaCryptRounds = 1'000'000;
constexpr std::uint64_t kMaxPbkdf2Rounds = 2'000'000;  // about as long as the other caps allow
constexpr std::uint64_t kMaxBcryptCost = 14;
constexpr std::uint64_t kMaxScryptLanes = 8;
constexpr std::size_t kMaxVerifierBytes = 512;
constexpr std::size_t kMinTagBytes = 16;
constexpr std::size_t kMaxPartBytes = 64;
constexpr std::size_t kMinSaltBytes = 4;
constexpr std::size_t kSha1Bytes = 20;

constexpr std::string_view kItoa64 =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorKind::Invalid, std::string(what));
}
std::unexpected<Error> over(std::string_view what, std::uint64_t value, std::uint64_t most) {
  return fail(ErrorKind::Invalid,
              std::string(what) + " " + std::to_string(value) + " is over " + std::to_string(most));
}

bool is_crypt_text(std::string_view text) {
  return text.find_first_not_of(kItoa64) == std::string_view::npos;
}

// Takes what stands before `end` off the front; nullopt when `end` does not come.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

// Digits without a leading zero.
std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "<name>=<digits>" and the character that ends it.
std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view name, char end) {
  if (!text.starts_with(name)) return std::nullopt;
  text.remove_prefix(name.size());
  const auto digits = take_until(text, end);
  return digits ? number_of(*digits) : std::nullopt;
}

// Base64 without padding, also with '.' in the place of '+', or padded.
std::optional<std::string> bytes_of(std::string_view text) {
  std::string padded(text);
  std::ranges::replace(padded, '.', '+');
  while (padded.size() % 4 != 0) padded += '=';
  return base64_decode(padded);
}

Result<PasswordFormat> read_argon2id(std::string_view verifier) {
  constexpr std::string_view kPrefix = "$argon2id$";
  constexpr std::string_view kVersion = "v=19$";
  std::string_view rest = verifier.substr(kPrefix.size());
  if (!rest.starts_with(kVersion)) return wrong("argon2id must be of version 19");
  rest.remove_prefix(kVersion.size());
  const auto memory = take_number(rest, "m=", ',');
  const auto passes = take_number(rest, "t=", ',');
  const auto lanes = take_number(rest, "p=", '$');
  if (!memory || !passes || !lanes) return wrong("argon2id must say m=, t= and p=, in this order");
  if (*memory > kCap.memory_kib) return over("the memory of argon2id", *memory, kCap.memory_kib);
  if (*passes > kCap.passes) return over("the passes of argon2id", *passes, kCap.passes);
  if (*lanes > kCap.lanes) return over("the lanes of argon2id", *lanes, kCap.lanes);
  if (*passes < 1 || *lanes < 1 || *memory < 8 * *lanes) {
    return wrong("argon2id needs a pass, a lane and 8 KiB for each lane");
  }
  PasswordFormat format;
  format.kind = HashKind::Argon2id;
  format.cost = verifier.substr(0, verifier.size() - rest.size());
  format.argon2 = {static_cast<std::uint32_t>(*memory), static_cast<std::uint32_t>(*passes),
                   static_cast<std::uint32_t>(*lanes)};
  const auto salt = take_until(rest, '$');
  const auto salt_bytes = salt ? bytes_of(*salt) : std::nullopt;
  const auto tag = bytes_of(rest);
  const bool plain = verifier.find('.') == std::string_view::npos &&
                     verifier.find('=', format.cost.size()) == std::string_view::npos;
  if (!salt_bytes || !tag || !plain || salt_bytes->size() < 8 ||
      salt_bytes->size() > kMaxPartBytes || tag->size() < kMinTagBytes ||
      tag->size() > kMaxPartBytes) {
    return wrong(
        "argon2id must end in salt (8 to 64 bytes) and tag (16 to 64), in base64 without padding");
  }
  return format;
}

Result<PasswordFormat> read_sha256(std::string_view verifier) {
  PasswordFormat format;
  format.kind = HashKind::Sha256;
  format.cost = verifier.substr(0, std::string_view("$sha256$").size());
  auto digest = hex_decode(verifier.substr(format.cost.size()));
  if (!digest || digest->size() != 32) return wrong("$sha256$ must be followed by 64 hex digits");
  format.tag = std::move(*digest);
  return format;
}

Result<PasswordFormat> read_bcrypt(std::string_view verifier) {
  constexpr std::size_t kLength = 60;  // "$2y$10$", 22 of salt, 31 of hash
  constexpr std::size_t kCostAt = 4;
  constexpr std::size_t kTextAt = 7;
  if (verifier.size() != kLength || verifier[kTextAt - 1] != '$' ||
      !is_crypt_text(verifier.substr(kTextAt))) {
    return wrong("bcrypt must be $2y$, two digits, $ and 53 characters of ./A-Za-z0-9");
  }
  std::uint64_t cost = 0;
  const char* const digits = verifier.data() + kCostAt;
  if (std::from_chars(digits, digits + 2, cost).ptr != digits + 2 || cost < 4) {
    return wrong("the cost of bcrypt must be two digits, from 04 on");
  }
  if (cost > kMaxBcryptCost) return over("the cost of bcrypt", cost, kMaxBcryptCost);
  PasswordFormat format;
  format.kind = HashKind::Crypt;
  format.cost = verifier.substr(0, kTextAt);
  return format;
}

Result<PasswordFormat> read_sha_crypt(std::string_view verifier) {
  constexpr std::size_t kMaxSalt = 16;
  const std::size_t hash_size = verifier[1] == '5' ? 43 : 86;
  std::string_view rest = verifier.substr(3);
  if (rest.starts_with("rounds=")) {
    const auto rounds = take_number(rest, "rounds=", '$');
    if (!rounds || *rounds < kMinRounds) {
      return wrong("the rounds of sha-crypt must be a number from 1000 on");
    }
    if (*rounds > kMaxShaCryptRounds) {
      return over("the rounds of sha-crypt", *rounds, kMaxShaCryptRounds);
    }
  }
  PasswordFormat format;
  format.kind = HashKind::Crypt;
  format.cost = verifier.substr(0, verifier.size() - rest.size());
  const auto salt = take_until(rest, '$');
  if (!salt || salt->size() > kMaxSalt || !is_crypt_text(*salt) || rest.size() != hash_size ||
      !is_crypt_text(rest)) {
    return wrong("sha-crypt must end in a salt of up to 16 characters and " +
                 std::to_string(hash_size) + " characters, all of ./0-9A-Za-z");
  }
  return format;
}

// How yescrypt and $7$ end.
bool is_crypt_salt_and_hash(std::string_view text) {
  constexpr std::size_t kHash = 43;
  constexpr std::size_t kMaxSalt = 86;
  const auto salt = take_until(text, '$');
  return salt && !salt->empty() && salt->size() <= kMaxSalt && is_crypt_text(*salt) &&
         text.size() == kHash && is_crypt_text(text);
}

// Parameters as crypt(5) has them by default: one character each for flavour, log2 N and r, counted
// from 1. What takes more characters is either over the caps or something that nobody uses.
Result<PasswordFormat> read_yescrypt(std::string_view verifier) {
  std::string_view rest = verifier.substr(3);
  const auto parameters = take_until(rest, '$');
  if (!parameters || parameters->size() != 3 || parameters->front() != 'j') {
    return wrong("yescrypt must have parameters of the form j9T");
  }
  const std::size_t log2_n = kItoa64.find((*parameters)[1]) + 1;
  const std::size_t block = kItoa64.find((*parameters)[2]) + 1;
  constexpr std::size_t kOneCharacter = 48;  // what is more is written with two
  if (log2_n < 1 || log2_n > kOneCharacter || block < 1 || block > kOneCharacter) {
    return wrong("yescrypt must have parameters of the form j9T");
  }
  if (log2_n >= 32 || (128ULL * block << log2_n) > kMaxMemoryBytes) {
    return wrong("the memory of yescrypt is over 256 MiB");
  }
  PasswordFormat format;
  format.kind = HashKind::Crypt;
  format.cost = verifier.substr(0, verifier.size() - rest.size());
  if (!is_crypt_salt_and_hash(rest)) {
    return wrong("yescrypt must end in a salt and 43 characters, all of ./0-9A-Za-z");
  }
  return format;
}

Result<void> take_salt_and_tag(PasswordFormat& format, std::optional<std::string> salt,
                               std::string_view tag, std::string_view name) {
  auto tag_bytes = bytes_of(tag);
  if (!salt || !tag_bytes || salt->size() < kMinSaltBytes || salt->size() > kMaxPartBytes ||
      tag_bytes->size() < kMinTagBytes || tag_bytes->size() > kMaxPartBytes) {
    return wrong(std::string(name) +
                 " must have a salt of 4 to 64 bytes and a tag of 16 to 64, in base64");
  }
  format.salt = std::move(*salt);
  format.tag = std::move(*tag_bytes);
  return {};
}

struct Pbkdf2Name {
  std::string_view prefix;
  std::string_view digest;
  bool text_salt;  // Django's: the salt is the text itself
};
constexpr Pbkdf2Name kPbkdf2Names[] = {
    {"$pbkdf2$", "SHA1", false},          {"$pbkdf2-sha1$", "SHA1", false},
    {"$pbkdf2-sha256$", "SHA256", false}, {"$pbkdf2-sha512$", "SHA512", false},
    {"pbkdf2_sha1$", "SHA1", true},       {"pbkdf2_sha256$", "SHA256", true},
    {"pbkdf2_sha512$", "SHA512", true},
};

Result<PasswordFormat> read_pbkdf2(std::string_view verifier, const Pbkdf2Name& name) {
  std::string_view rest = verifier.substr(name.prefix.size());
  auto rounds_text = take_until(rest, '$');
  std::optional<std::uint64_t> length;
  if (rounds_text && rounds_text->starts_with("i=")) {
    rounds_text->remove_prefix(2);
    if (const std::size_t at = rounds_text->find(",l="); at != std::string_view::npos) {
      length = number_of(rounds_text->substr(at + 3));
      if (!length) return wrong("the length of pbkdf2 must be a number");
      rounds_text = rounds_text->substr(0, at);
    }
  }
  const auto rounds = rounds_text ? number_of(*rounds_text) : std::nullopt;
  if (!rounds || *rounds < kMinRounds) {
    return wrong("the rounds of pbkdf2 must be a number from 1000 on");
  }
  if (*rounds > kMaxPbkdf2Rounds) return over("the rounds of pbkdf2", *rounds, kMaxPbkdf2Rounds);
  PasswordFormat format;
  format.kind = HashKind::Pbkdf2;
  format.cost = verifier.substr(0, verifier.size() - rest.size());
  format.digest_name = name.digest;
  format.rounds = *rounds;
  const auto salt = take_until(rest, '$');
  if (!salt) return wrong("pbkdf2 must have a salt and a tag");
  auto taken = take_salt_and_tag(format, name.text_salt ? std::string(*salt) : bytes_of(*salt),
                                 rest, "pbkdf2");
  if (!taken) return std::unexpected(taken.error());
  if (length && *length != format.tag.size()) return wrong("the length of pbkdf2 is not its tag's");
  return format;
}

Result<void> set_scrypt_cost(PasswordFormat& format, std::uint64_t n, std::uint64_t r,
                             std::uint64_t p) {
  if (n < 1024 || (n & (n - 1)) != 0 || r < 1 || p < 1) {
    return wrong("scrypt must have an N of 1024 or more that is a power of two, an r and a p");
  }
  if (p > kMaxScryptLanes) return over("the p of scrypt", p, kMaxScryptLanes);
  if (n > kMaxMemoryBytes || r > kMaxMemoryBytes || 128 * n * r > kMaxMemoryBytes) {
    return wrong("the memory of scrypt is over 256 MiB");
  }
  format.kind = HashKind::Scrypt;
  format.rounds = n;
  format.block_size = static_cast<std::uint32_t>(r);
  format.lanes = static_cast<std::uint32_t>(p);
  return {};
}

Result<PasswordFormat> read_scrypt(std::string_view verifier) {
  std::string_view rest = verifier.substr(std::string_view("$scrypt$").size());
  const auto log2_n = take_number(rest, "ln=", ',');
  const auto r = take_number(rest, "r=", ',');
  const auto p = take_number(rest, "p=", '$');
  if (!log2_n || !r || !p || *log2_n >= 32) {
    return wrong("scrypt must say ln=, r= and p=, in this order");
  }
  PasswordFormat format;
  format.cost = verifier.substr(0, verifier.size() - rest.size());
  if (auto set = set_scrypt_cost(format, 1ULL << *log2_n, *r, *p); !set) {
    return std::unexpected(set.error());
  }
  const auto salt = take_until(rest, '$');
  if (!salt) return wrong("scrypt must have a salt and a tag");
  auto taken = take_salt_and_tag(format, bytes_of(*salt), rest, "scrypt");
  if (!taken) return std::unexpected(taken.error());
  return format;
}

Result<PasswordFormat> read_django_scrypt(std::string_view verifier) {
  std::string_view rest = verifier.substr(std::string_view("scrypt$").size());
  const auto salt = take_until(rest, '$');
  std::array<std::optional<std::uint64_t>, 3> numbers;
  for (auto& number : numbers) {
    if (const auto digits = take_until(rest, '$')) number = number_of(*digits);
    if (!number) return wrong("scrypt must be salt, N, r, p and tag, with $ between them");
  }
  PasswordFormat format;
  format.cost = verifier.substr(0, std::string_view("scrypt$").size());
  if (auto set = set_scrypt_cost(format, *numbers[0], *numbers[1], *numbers[2]); !set) {
    return std::unexpected(set.error());
  }
  auto taken = take_salt_and_tag(format, std::string(*salt), rest, "scrypt");
  if (!taken) return std::unexpected(taken.error());
  return format;
}

// scrypt as crypt(5) has it: log2 N in one character, r and p in five each, the lowest six bits
// first; libcrypt computes it.
Result<PasswordFormat> read_crypt_scrypt(std::string_view verifier) {
  constexpr std::size_t kDigits = 5;
  PasswordFormat format;
  format.cost = verifier.substr(0, std::string_view("$7$CU..../....").size());
  const std::string_view digits = format.cost.substr(3);
  if (digits.size() != 1 + 2 * kDigits || !is_crypt_text(digits)) {
    return wrong("$7$ must have parameters of 11 characters, as in $7$CU..../....");
  }
  const auto number_at = [&](std::size_t at) {
    std::uint64_t number = 0;
    for (std::size_t i = kDigits; i-- > 0;) number = number << 6U | kItoa64.find(digits[at + i]);
    return number;
  };
  const std::uint64_t n = 1ULL << std::min<std::size_t>(kItoa64.find(digits[0]), 32);
  const auto set = set_scrypt_cost(format, n, number_at(1), number_at(1 + kDigits));
  if (!set) return std::unexpected(set.error());
  if (!is_crypt_salt_and_hash(verifier.substr(format.cost.size()))) {
    return wrong("$7$ must end in a salt and 43 characters, all of ./0-9A-Za-z");
  }
  format.kind = HashKind::Crypt;
  return format;
}

Result<PasswordFormat> read_wrapped(std::string_view verifier) {
  std::string_view rest = verifier.substr(std::string_view("$wrap-sha1$").size());
  const std::size_t end = rest.find('$');
  if (end == std::string_view::npos || !rest.substr(end).starts_with("$argon2id$")) {
    return wrong("$wrap-sha1$ must be followed by a salt and an argon2id");
  }
  auto salt = bytes_of(rest.substr(0, end));
  if (!salt || salt->size() > kMaxPartBytes) {
    return wrong("the salt of $wrap-sha1$ must be base64 of up to 64 bytes");
  }
  auto format = read_argon2id(rest.substr(end));
  if (!format) return format;
  format->kind = HashKind::WrappedSha1;
  format->inner = rest.substr(end);
  format->salt = std::move(*salt);
  return format;
}

}  // namespace

Result<PasswordFormat> read_format(std::string_view verifier) {
  if (verifier.size() > kMaxVerifierBytes) return wrong("a hash has at most 512 bytes");
  const auto is_control = [](char c) { return c <= 0x20 || c == 0x7F; };
  if (std::ranges::any_of(verifier, is_control)) {
    return wrong("a hash is of printable ASCII without blanks");
  }
  const auto begins = [&](std::string_view prefix) { return verifier.starts_with(prefix); };
  if (begins("$argon2id$")) return read_argon2id(verifier);
  if (begins("$sha256$")) return read_sha256(verifier);
  if (begins("$2y$") || begins("$2b$") || begins("$2a$")) return read_bcrypt(verifier);
  if (begins("$5$") || begins("$6$")) return read_sha_crypt(verifier);
  if (begins("$y$")) return read_yescrypt(verifier);
  for (const Pbkdf2Name& name : kPbkdf2Names) {
    if (begins(name.prefix)) return read_pbkdf2(verifier, name);
  }
  if (begins("$7$")) return read_crypt_scrypt(verifier);
  if (begins("$scrypt$")) return read_scrypt(verifier);
  if (begins("scrypt$")) return read_django_scrypt(verifier);
  if (begins("$wrap-sha1$")) return read_wrapped(verifier);
  if (begins("$apr1$") || begins("$1$")) {
    return wrong("MD5 (htpasswd's $apr1$ and $1$) is not accepted: too fast and broken");
  }
  return wrong(
      "not a kind of hash that is accepted; they are: $argon2id$, $2y$, $2b$, $2a$, $5$, $6$, $y$, "
      "$7$, pbkdf2, scrypt, {SHA}, {SSHA}");
}

bool is_fast_import(std::string_view text) {
  return text.starts_with("{SHA}") || text.starts_with("{SSHA}");
}

Result<FastHash> read_fast_import(std::string_view text) {
  const bool salted = text.starts_with("{SSHA}");
  const auto bytes = base64_decode(text.substr(std::min(text.find('}'), text.size() - 1) + 1));
  if (!bytes || (salted ? bytes->size() <= kSha1Bytes || bytes->size() > kSha1Bytes + kMaxPartBytes
                        : bytes->size() != kSha1Bytes)) {
    return wrong(salted ? "{SSHA} must be base64 of 20 bytes of SHA-1 and a salt of 1 to 64 bytes"
                        : "{SHA} must be base64 of the 20 bytes of a SHA-1");
  }
  return FastHash{bytes->substr(0, kSha1Bytes), bytes->substr(kSha1Bytes)};
}

}  // namespace sallyport::auth
