// The tokens whose signature was verified lately, so that it need not be again: a cache of fixed
// size that forgets the longest unused first. One per worker, on its thread only. It says nothing
// but that the signature was right: everything else is asked anew.
#pragma once

#include <cstdint>
#include <vector>

#include "auth/token/claims.h"
#include "base/entities.h"

namespace sallyport::auth {

class ProvenTokens {
 public:
  static constexpr std::size_t kSets = 1024;  // a power of two
  static constexpr std::size_t kWays = 4;

  ProvenTokens() : places_(kSets * kWays) {}

  // By the SHA-256 of the token. Valid until the next put().
  const Claims* find(const Digest& token);
  void put(const Digest& token, Claims claims);

 private:
  struct Place {
    Digest token{};
    std::uint64_t used = 0;  // by a counter; 0: empty
    Claims claims;
  };
  Place* set_of(const Digest& token);

  std::uint64_t counter_ = 0;
  std::vector<Place> places_;
};

}  // namespace sallyport::auth
