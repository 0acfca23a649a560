// What a token says, as the doors use it: read from its claims, written into ours. Whether it holds
// is asked on every request anew, of a token that was verified before as well. Values, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "auth/token/issuer.h"
#include "auth/token/jws.h"
#include "base/id.h"
#include "base/reason.h"

namespace sallyport::auth {

struct Claims {
  const TokenIssuer* issuer = nullptr;
  KeyHandle key;  // that has signed it
  std::int64_t expires_us = 0;
  std::int64_t not_before_us = 0;  // 0: it does not say

  // Of ours.
  UserId user;
  AccountId account;
  ApplicationId application;
  KeyId api_key;
  std::uint64_t security_version = 0;
  std::string audience;  // the API it was issued at

  // Of an outside issuer's.
  std::string folded_name;
};

// Reads what the issuer's kind of token must say. Ok; TokenMalformed: something is missing or of
// the wrong type; TokenExpired: it does not say when; TokenAudience: an outside issuer's for
// somebody else.
Reason read_claims(const JsonValue& claims, const TokenIssuer& issuer, Claims& out);

// At wall-clock time, with the issuer's leeway: Ok, TokenExpired or TokenNotYetValid.
Reason check_times(const Claims& claims, std::int64_t now_us);

// As the claims of a token of ours, issued now.
std::string write_claims(const Claims& claims, std::int64_t now_us);

}  // namespace sallyport::auth
