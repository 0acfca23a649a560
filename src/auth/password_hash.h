// Password verifiers as stored: "$argon2id$..." (PHC string, parameters read from it and capped)
// and
// "$sha256$<hex>" of a generated password, which has 190 bits and needs no slow hash. Any thread;
// an Argon2id takes about 20 ms, so never on a worker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::auth {

struct Argon2Cost {
  std::uint32_t memory_kib = 19'456;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
};

// Normalises (NFC) and hashes. Invalid: not UTF-8, a control character, empty or over 1,024 bytes.
Result<std::string> hash_password(std::string_view password, const Argon2Cost& cost,
                                  Random& random);

struct GeneratedPassword {
  Secret text;
  std::string verifier;
};
GeneratedPassword generate_password(Random& random);

// A verifier of this cost that no password fits: an unknown user costs what a known one does.
std::string dummy_verifier(const Argon2Cost& cost, Random& random);

enum class Verdict : std::uint8_t {
  Right,
  Wrong,
  Unusable,  // a verifier of an unknown kind or over the caps, or no memory: could not decide
};
// `password` is normalised already.
Verdict verify_password(std::string_view verifier, std::string_view password);

bool is_fast(std::string_view verifier);  // verify_password() takes well under a microsecond

}  // namespace sallyport::auth
