// Makes proofs: 128 bits of HMAC-SHA256 under a random key of this process over an injective
// encoding of who and which password. A proof is worth nothing outside the process and says nothing
// of the password. Owned by Verifier; any thread, no lock, no allocation once a thread is warm.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/records.h"
#include "base/random.h"
#include "base/secret.h"

namespace sallyport::auth {

class ProofKey {
 public:
  explicit ProofKey(Random& random);
  Proof of(UserId user, std::uint64_t security_version, std::string_view password) const;
  // Of a name that no user has: never in a record, but equal checks can be told and joined.
  Proof of_unknown(AccountId account, std::string_view folded, std::string_view password) const;

  // The encoding, for the tests of its injectivity: a tag, fixed fields, lengths before texts.
  static std::string encode(UserId user, std::uint64_t security_version, std::string_view password);
  static std::string encode_unknown(AccountId account, std::string_view folded,
                                    std::string_view password);

 private:
  Proof mac(std::string_view head, std::string_view first, std::string_view second) const;

  Secret key_;
  std::uint64_t generation_;  // tells a thread whose key its context holds
};

}  // namespace sallyport::auth
