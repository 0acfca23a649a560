// A token holds its invariants for any bytes: what was read stands in it as it was, signs like it,
// and its claims are read without a fault, as ours and as an outside issuer's.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/token/claims.h"
#include "auth/token/jws.h"
#include "base/encoding.h"
#include "base/result.h"

namespace {

using namespace sallyport;

const auth::TokenIssuer& issuer(bool outside) {
  static ImmediateReclaimer reclaimer;
  static const auth::TokenIssuer ours("sallyport", reclaimer);
  static const auth::TokenIssuer theirs(
      [] {
        config::Issuer settings;
        settings.issuer = "https://login.test";
        settings.audience = {"us"};
        return settings;
      }(),
      {}, reclaimer);
  return outside ? theirs : ours;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto token = auth::read_token(text);
  if (!token) return 0;
  SALLYPORT_CHECK(size <= auth::kMaxTokenBytes);
  SALLYPORT_CHECK(text.starts_with(token->signed_text));
  SALLYPORT_CHECK(text.substr(token->signed_text.size() + 1) == base64url_encode(token->signature));
  SALLYPORT_CHECK(token->claims.kind == JsonValue::Kind::Object);
  for (const bool outside : {false, true}) {
    auth::Claims claims;
    if (auth::read_claims(token->claims, issuer(outside), claims) != Reason::Ok) continue;
    SALLYPORT_CHECK(claims.expires_us >= 0);
    (void)auth::check_times(claims, 1'790'000'000'000'000);
    if (outside) {
      SALLYPORT_CHECK(fold_username(claims.folded_name) == claims.folded_name);
      continue;
    }
    // What is written again is read again.
    auth::Claims again;
    const auto written = parse_json(auth::write_claims(claims, 0));
    SALLYPORT_CHECK(written.has_value());
    SALLYPORT_CHECK(auth::read_claims(*written, issuer(false), again) == Reason::Ok);
    SALLYPORT_CHECK(again.user == claims.user && again.audience == claims.audience);
  }
  return 0;
}
