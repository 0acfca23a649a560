// Makes proofs: 128 bits of HMAC-SHA256 under a random key of this process over an injective
// encoding of who and which password. A proof is worth nothing outside the process and says nothing
// of the password. Owned by Verifier; immutable, any thread, no lock and no allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/records.h"
#include "base/random.h"

namespace sallyport::auth {

class ProofKey {
 public:
  explicit ProofKey(Random& random);
  ~ProofKey();
  ProofKey(const ProofKey&) = delete;
  ProofKey& operator=(const ProofKey&) = delete;
  Proof of(UserId user, std::uint64_t security_version, std::string_view password) const;
  // Of a name that no user has: never in a record, but equal checks can be told and joined.
  Proof of_unknown(AccountId account, std::string_view folded, std::string_view password) const;

  // The encoding, for the tests of its injectivity: a tag, fixed fields, lengths before texts.
  static std::string encode(UserId user, std::uint64_t security_version, std::string_view password);
  static std::string encode_unknown(AccountId account, std::string_view folded,
                                    std::string_view password);

 private:
  struct State;  // the two halves of HMAC with the key already taken in
  Proof mac(std::string_view head, std::string_view first, std::string_view second) const;

  std::unique_ptr<State> state_;
};

}  // namespace sallyport::auth
