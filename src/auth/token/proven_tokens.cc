#include "auth/token/proven_tokens.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sallyport::auth {

// A digest is as good as random, and to aim at a set one must first have tokens signed.
ProvenTokens::Place* ProvenTokens::set_of(const Digest& token) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, token.data(), sizeof bits);
  return &places_[(bits & (kSets - 1)) * kWays];
}

const Claims* ProvenTokens::find(const Digest& token) {
  Place* set = set_of(token);
  for (Place* place = set; place != set + kWays; ++place) {
    if (place->used == 0 || place->token != token) continue;
    place->used = ++counter_;
    return &place->claims;
  }
  return nullptr;
}

void ProvenTokens::put(const Digest& token, Claims claims) {
  Place* set = set_of(token);
  Place* const end = set + kWays;
  Place* place = std::find_if(
      set, end, [&token](const Place& one) { return one.used != 0 && one.token == token; });
  if (place == end) {
    place =
        std::min_element(set, end, [](const Place& a, const Place& b) { return a.used < b.used; });
  }
  place->token = token;
  place->used = ++counter_;
  place->claims = std::move(claims);
}

}  // namespace sallyport::auth
