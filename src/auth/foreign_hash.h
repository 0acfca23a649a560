// Hashes that other programs made: what libcrypt computes (bcrypt, sha-crypt, yescrypt), PBKDF2 and
// scrypt from OpenSSL, and the SHA-1 that is imported inside an Argon2id. Slow by nature: on the
// hash pool only. An Error: could not be computed, most likely for want of memory.
#pragma once

#include <string>
#include <string_view>

#include "auth/password_format.h"
#include "base/result.h"

namespace sallyport::auth {

// `format` is what read_format() said of `verifier`; of kind Crypt, Pbkdf2 or Scrypt.
Result<bool> fits_foreign(std::string_view verifier, const PasswordFormat& format,
                          std::string_view password);

// SHA-1 over password and salt, in hex.
std::string sha1_hex(std::string_view password, std::string_view salt);

}  // namespace sallyport::auth
