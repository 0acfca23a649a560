// A signed token as text (RFC 7515 7.1, RFC 7519): taken apart strictly, put together plainly. What
// it says is worth nothing before the signature is verified. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/token/signature.h"
#include "base/json_value.h"

namespace sallyport::auth {

inline constexpr std::size_t kMaxTokenBytes = 4096;

struct TokenText {
  std::string_view signed_text;  // header and claims as they stand in the token
  std::string signature;
  std::string algorithm;  // as the token claims; compared with the key's, never obeyed
  std::string kid;        // empty: it names none
  JsonValue claims;       // an object
};

// Nothing when it is not three parts of canonical base64url with JSON objects in the first two, is
// longer than kMaxTokenBytes, has no `alg`, an empty or endless `kid`, asks for extensions by
// `crit` (RFC 7515 4.1.11), or is by its `typ` something else than an access or identity token (RFC
// 8725 3.11).
std::optional<TokenText> read_token(std::string_view token);

// `claims` is a JSON object, `type` what the header says in `typ`.
std::string write_token(std::string_view claims, const SigningKey& key,
                        std::string_view type = "JWT");

}  // namespace sallyport::auth
