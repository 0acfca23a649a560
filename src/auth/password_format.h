// What a stored or imported password verifier says of itself: its kind, its cost, its parts. Read
// strictly and capped, so that an imported text can neither stop the server by its cost nor fail
// later, at somebody's door. Pure, any thread; an Error names the rule that the text breaks.
//
//   $argon2id$v=19$m=19456,t=2,p=1$SALT$TAG     PHC, base64 without padding
//   $sha256$HEX                                 a generated password, 190 bits
//   $2a$ $2b$ $2y$                              bcrypt
//   $5$ $6$ $y$ $7$                             sha-crypt, yescrypt, scrypt as crypt(5) has it
//   $pbkdf2$ $pbkdf2-sha256$ $pbkdf2-sha512$    ROUNDS or i=ROUNDS, then $SALT$TAG
//   pbkdf2_sha1$ pbkdf2_sha256$                 ROUNDS$SALT TEXT$TAG, as Django writes it
//   $scrypt$ln=16,r=8,p=1$SALT$TAG              PHC
//   scrypt$SALT TEXT$N$R$P$TAG                  as Django writes it
//   $wrap-sha1$SALT$argon2id$...                a SHA-1 that was imported, inside Argon2id
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::auth {

struct Argon2Cost {
  std::uint32_t memory_kib = 19'456;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
  bool operator==(const Argon2Cost&) const = default;
};

enum class HashKind : std::uint8_t {
  Argon2id,
  Sha256,  // fast: of a generated password only
  Crypt,   // what libcrypt computes: bcrypt, sha-crypt, yescrypt, $7$
  Pbkdf2,
  Scrypt,
  WrappedSha1,
};

struct PasswordFormat {
  HashKind kind = HashKind::Argon2id;
  // Up to the salt: equal for verifiers that cost the same.
  std::string_view cost;
  Argon2Cost argon2;             // Argon2id, WrappedSha1
  std::string_view inner;        // WrappedSha1: the Argon2id
  std::string_view digest_name;  // Pbkdf2: "SHA256"
  std::uint64_t rounds = 0;      // Pbkdf2; Scrypt: N
  std::uint32_t block_size = 0;  // Scrypt: r
  std::uint32_t lanes = 0;       // Scrypt: p
  std::string salt;              // Pbkdf2, Scrypt, WrappedSha1: bytes
  std::string tag;               // Pbkdf2, Scrypt, Sha256: bytes
};

// A text as the store keeps it. The views point into `verifier`.
Result<PasswordFormat> read_format(std::string_view verifier);

// {SHA} and {SSHA}: fast, so never stored as they are.
struct FastHash {
  std::string digest;  // 20 bytes of SHA-1
  std::string salt;    // empty for {SHA}
};
bool is_fast_import(std::string_view text);  // begins like one
Result<FastHash> read_fast_import(std::string_view text);

}  // namespace sallyport::auth
