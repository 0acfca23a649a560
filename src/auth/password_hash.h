// Password verifiers: made, imported, checked. What the texts may look like is in password_format.
// Any thread; all but a generated password's takes milliseconds to seconds, so never on a worker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/password_format.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::auth {

// Normalises (NFC) and hashes. Invalid: not UTF-8, a control character, empty or over 1,024 bytes.
Result<std::string> hash_password(std::string_view password, const Argon2Cost& cost,
                                  Random& random);

struct GeneratedPassword {
  Secret text;
  std::string verifier;
};
GeneratedPassword generate_password(Random& random);

// What is stored of a hash from elsewhere: the text itself, or, when it is fast, inside an Argon2id
// of this cost. Invalid: the rule that it breaks.
Result<std::string> import_hash(std::string_view text, const Argon2Cost& cost, Random& random);

// A verifier of this cost that no password fits: an unknown user costs what a known one does.
std::string dummy_verifier(const Argon2Cost& cost, Random& random);
// The same of the kind and cost of a real one.
std::string dummy_like(std::string_view verifier, Random& random);

enum class Verdict : std::uint8_t {
  Right,
  Wrong,
  Unusable,  // a verifier of an unknown kind or over the caps, or no memory: could not decide
  Busy,      // never verified: it had to make room for others
};
// `password` is normalised already. `as_sent`, when it differs, is tried too: hashes from elsewhere
// were made of whatever bytes a client sent.
Verdict verify_password(std::string_view verifier, std::string_view password,
                        std::string_view as_sent = {});

bool is_fast(std::string_view verifier);  // verify_password() takes well under a microsecond
// Whether a password that is proven is to be hashed anew: another kind or another cost.
bool needs_upgrade(std::string_view verifier, const Argon2Cost& cost);

}  // namespace sallyport::auth
