#include "gateway/bearer_authenticator.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "auth/api_key.h"
#include "auth/key_check.h"
#include "auth/token/jws.h"
#include "base/net.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

constexpr std::size_t kSchemeBytes = 6;  // "Bearer"
constexpr std::int64_t kCheckDeadlineUs = 5'000'000;
constexpr std::int64_t kRetry_s = 1;

// RFC 6750 2.1, b64token: a blank or a comma would begin a second credential.
bool is_token_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

}  // namespace

AuthResult BearerAuthenticator::authenticate(RequestContext& context,
                                             std::string_view field) const {
  if (!is_of_scheme(field, "bearer")) return NotApplicable{};
  std::string_view token = field.substr(kSchemeBytes);
  token.remove_prefix(std::min(token.find_first_not_of(' '), token.size()));
  // Not a guess: who has such a token was given it, so that a spent budget does not matter.
  const bool fit = token.size() <= auth::kMaxTokenBytes && is_token_text(token);
  const Digest digest = fit ? auth::digest_of(token) : Digest{};
  if (fit) {
    const std::int64_t now_us = clock_.unix_us();
    const auth::Claims* claims = context.proven->find(digest);
    if (claims != nullptr && !is_to_be_proven_again(context, *claims, now_us)) {
      return check(context, *claims, now_us);
    }
  }
  if (charges_.spent(context)) return charges_.over_budget(context);
  if (!fit) return Rejected{Reason::TokenMalformed};
  return verify(context, token, digest);
}

// The issuer's keys were read anew since: the same key is another object then, and one that is gone
// is not found by its name.
bool BearerAuthenticator::is_to_be_proven_again(const RequestContext& context,
                                                const auth::Claims& claims, std::int64_t now_us) {
  const auto& issuers = context.api().issuers;
  if (std::ranges::find(issuers, claims.issuer) == issuers.end()) return false;
  const auth::KeySet* keys = claims.issuer->keys(now_us);
  return keys != nullptr && !keys->holds(claims.key, now_us);
}

AuthResult BearerAuthenticator::verify(RequestContext& context, std::string_view token,
                                       const Digest& digest) const {
  const auto read = auth::read_token(token);
  if (!read) return Rejected{Reason::TokenMalformed};
  const std::string* name = read->claims.find_text("iss");
  const auto& issuers = context.api().issuers;
  const auto found = name == nullptr
                         ? issuers.end()
                         : std::ranges::find(issuers, *name, &auth::TokenIssuer::issuer);
  if (found == issuers.end()) return Rejected{Reason::TokenIssuer};
  const auth::TokenIssuer& issuer = **found;
  const std::int64_t now_us = clock_.unix_us();
  const auth::KeySet* keys = issuer.keys(now_us);
  if (keys == nullptr) return Rejected{Reason::IssuerAway, kRetry_s, false};
  const auth::PublicKey* key = keys->find(read->kid, now_us);
  if (key == nullptr) {
    issuer.miss();
    return Rejected{Reason::TokenKey};
  }
  if (read->algorithm != config::to_string(key->algorithm)) {
    return Rejected{Reason::TokenAlgorithm};
  }
  auth::Claims claims;
  if (const Reason fault = auth::read_claims(read->claims, issuer, claims); fault != Reason::Ok) {
    return Rejected{fault};
  }
  claims.key = key->key;
  AuthResult result = check(context, claims, now_us);
  if (!std::holds_alternative<Principal>(result)) return result;

  const bool checked = context.proving && context.proving->finished && context.proved == digest &&
                       context.proved_with == key->key;
  if (!checked) {
    context.grant = nullptr;
    context.token_expires_us = 0;
    context.proving = std::make_shared<Pending>();
    context.proved = digest;
    context.proved_with = key->key;
    const bool queued =
        checks_.check(digest, source_network(context.request->client), *key, read->signed_text,
                      read->signature, *context.loop, [pending = context.proving](bool right) {
                        pending->verdict = right ? auth::Verdict::Right : auth::Verdict::Wrong;
                        pending->finish();
                      });
    if (!queued) return Rejected{Reason::HashPoolFull, kRetry_s, false};
    return Wait{context.proving, clock_.monotonic_us() + kCheckDeadlineUs, Reason::HashPoolFull};
  }
  if (context.proving->verdict != auth::Verdict::Right) return Rejected{Reason::TokenSignature};
  context.proven->put(digest, std::move(claims));
  return result;
}

AuthResult BearerAuthenticator::check(RequestContext& context, const auth::Claims& claims,
                                      std::int64_t now_us) const {
  const auto& issuers = context.api().issuers;
  if (std::ranges::find(issuers, claims.issuer) == issuers.end()) {
    return Rejected{Reason::TokenIssuer};
  }
  const auth::KeySet* keys = claims.issuer->keys(now_us);
  if (keys == nullptr) return Rejected{Reason::IssuerAway, kRetry_s, false};
  if (!keys->holds(claims.key, now_us)) return Rejected{Reason::TokenKey};
  if (const Reason times = auth::check_times(claims, now_us); times != Reason::Ok) {
    return Rejected{times};
  }
  context.token_expires_us = claims.expires_us;
  return claims.issuer->is_outside() ? check_outside(context, claims)
                                     : check_ours(context, claims, now_us);
}

AuthResult BearerAuthenticator::check_ours(RequestContext& context, const auth::Claims& claims,
                                           std::int64_t now_us) const {
  if (claims.audience != context.api().settings.name) return Rejected{Reason::TokenAudience};
  if (context.key.application == nullptr || claims.application != context.application) {
    return Rejected{Reason::TokenApplication};
  }
  // With whichever key of the application it comes: the one it was issued to must still be good.
  if (claims.api_key != context.key_id) {
    const auth::KeyRecord* issued_to = directory_.find_key(claims.api_key);
    if (issued_to == nullptr || !auth::is_good(*issued_to, now_us)) {
      return Rejected{Reason::TokenEnded};
    }
  }
  const auth::OpenedUser opened = directory_.find_user(*context.key.application, claims.user);
  if (opened.user == nullptr || opened.user->account() != claims.account) {
    return Rejected{Reason::UserUnknown};
  }
  if (opened.user->security_version() != claims.security_version) {
    return Rejected{Reason::TokenEnded};
  }
  context.grant = opened.grant;
  return Principal{opened.user, {}};
}

AuthResult BearerAuthenticator::check_outside(RequestContext& context,
                                              const auth::Claims& claims) const {
  const auth::OpenedUser opened = find_user(directory_, context, claims.folded_name);
  if (opened.user == nullptr) return Rejected{Reason::UserUnknown};
  if (!claims.issuer->speaks_for(opened.user->account())) {
    return Rejected{Reason::TokenApplication};
  }
  context.grant = opened.grant;
  return Principal{opened.user, {}};
}

}  // namespace sallyport::gateway
