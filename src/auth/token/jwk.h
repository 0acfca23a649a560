// Public keys as JSON (RFC 7517, 7518 6, 8037 2): read from an outside issuer's set, and ours
// written for whoever wants to verify. Pure, any thread. Of a set, keys for other purposes or of
// kinds that are not ours are left out; a key of a kind of ours that is unfit spoils the whole set.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token/signature.h"
#include "base/result.h"

namespace sallyport::auth {

inline constexpr std::size_t kMaxJwksBytes = 256 * 1024;
inline constexpr std::size_t kMaxKeys = 64;
inline constexpr std::size_t kMaxKidBytes = 256;

// The keys whose algorithm is one of `accepted`. Invalid, saying what is wrong: not JSON, a key
// given twice under one name, an RSA key below 2048 or above 8192 bits, a point not on the curve,
// no key that could be used.
Result<std::vector<PublicKey>> read_jwks(std::string_view text,
                                         std::span<const TokenAlgorithm> accepted);

std::string write_jwks(std::span<const PublicKey> keys);  // ours: EdDsa and Es256

}  // namespace sallyport::auth
