// Tokens of ours and of outside issuers, as the configuration has them. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::config {

using std::chrono::milliseconds;

// Tokens that we issue ourselves.
enum class TokenAlgorithm : std::uint8_t { EdDsa, Es256, Rs256 };
std::string_view to_string(TokenAlgorithm algorithm);  // "EdDSA", as `alg` has it
struct Tokens {
  std::string issuer = "sallyport";                  // `iss`
  TokenAlgorithm algorithm = TokenAlgorithm::EdDsa;  // of the next signing key; not Rs256
  milliseconds lifetime{30 * 60'000};
};

// Somebody else's tokens that we accept.
struct Issuer {
  std::string name;                   // as api[].issuers writes it
  std::string issuer;                 // `iss`, byte for byte
  std::vector<std::string> audience;  // `aud` must hold one of them
  std::string jwks_file;              // one of the two
  std::string jwks_url;
  std::string ca_file;                     // verifies jwks_url; empty = the system's authorities
  std::vector<TokenAlgorithm> algorithms;  // nothing else is ever tried
  std::string user_claim = "sub";          // its text is the user's name
  std::vector<std::string> accounts;       // whose users it may speak for; "*" = every one
  milliseconds leeway{30'000};             // of exp and nbf, for clocks that differ
  milliseconds refresh{300'000};           // how often the keys are read again
};

}  // namespace sallyport::config
