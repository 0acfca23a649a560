// Signatures of tokens: Ed25519, ECDSA on P-256 with SHA-256, RSA PKCS #1 v1.5 with SHA-256, over
// OpenSSL (RFC 7518 3.3, 3.4, RFC 8037 3.1). The algorithm is the key's; no caller can ask for
// another. Keys are immutable and shared; any thread. Verifying takes 30 to 150 us.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "config/tokens.h"

struct evp_pkey_st;

namespace sallyport::auth {

using config::TokenAlgorithm;
using KeyHandle = std::shared_ptr<evp_pkey_st>;  // the library's own

struct PublicKey {
  std::string kid;  // empty: it has none
  TokenAlgorithm algorithm = TokenAlgorithm::EdDsa;
  KeyHandle key;
};
bool is_same_key(const PublicKey& a, const PublicKey& b);  // name, algorithm and key

// `signature` as a token has it: for ES256 the two numbers, 32 bytes each.
bool verify_signature(const PublicKey& key, std::string_view text, std::string_view signature);

class SigningKey {
 public:
  // EdDsa or Es256. The library's generator is used.
  static SigningKey generate(TokenAlgorithm algorithm, std::string kid);
  // What private_text() gave.
  static Result<SigningKey> read(TokenAlgorithm algorithm, std::string kid,
                                 std::string_view private_text);

  std::string sign(std::string_view text) const;
  const PublicKey& public_key() const { return public_key_; }
  Secret private_text() const;  // PKCS #8 in hexadecimal digits

 private:
  SigningKey() = default;
  PublicKey public_key_;
};

}  // namespace sallyport::auth
