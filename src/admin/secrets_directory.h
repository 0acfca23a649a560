// DIR/secrets: what must stay with its owner. Keys are 32 random bytes, written as 64 hexadecimal
// digits in files of mode 0600. Whoever finds it open to others refuses to work with it.
#pragma once

#include <string>
#include <string_view>

#include "auth/token/signing_keys.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::admin {

inline constexpr std::string_view kStoreKey = "store.key";        // seals reversible secrets
inline constexpr std::string_view kAuditKey = "audit.key";        // chains the audit log
inline constexpr std::string_view kSigningKeys = "signing.keys";  // of tokens, a line each

// Makes the folder (0700) and both keys. Conflict when it is there.
Result<void> make_secrets_directory(const std::string& directory, Random& random);

// Invalid, naming the file: missing, or group or others may read or write it.
Result<void> check_secrets_directory(const std::string& directory);

Result<Secret> load_secret_key(const std::string& directory, std::string_view name);

// NotFound when there are none yet: a server makes the first one when it starts.
Result<auth::SigningKeys> load_signing_keys(const std::string& directory);
Result<void> store_signing_keys(const std::string& directory, const auth::SigningKeys& keys);

}  // namespace sallyport::admin
