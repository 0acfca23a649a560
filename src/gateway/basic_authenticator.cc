#include "gateway/basic_authenticator.h"

#include <memory>

#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

using auth::Verdict;

// Longer than a full queue of default size takes; what is later is refused with 503.
constexpr std::int64_t kHashDeadlineUs = 10'000'000;
constexpr std::int64_t kPoolRetry_s = 1;

}  // namespace

AuthResult BasicAuthenticator::authenticate(RequestContext& context, std::string_view field) const {
  if (!is_of_scheme(field, "basic")) return NotApplicable{};
  auth::BasicCredential credential;
  const bool parsed = credential.parse(field);
  // A cached right answer is still an answer to a guess, so the budget comes first.
  const bool spent = charges_.spent(context);
  if (!parsed) {
    return spent ? charges_.over_budget(context) : Rejected{Reason::CredentialMalformed};
  }
  const auth::OpenedUser opened = find_user(directory_, context, credential.name());
  const auth::UserRecord* user = opened.user;
  context.grant = opened.grant;
  const auth::Proof proof =
      user != nullptr
          ? verifier_.proofs().of(user->id(), user->security_version(), credential.password())
          : verifier_.proofs().of_unknown(context.account, credential.name(),
                                          credential.password());
  if (spent) {
    // The credential that succeeded on this connection before: no guess, it was told already.
    const bool familiar = user != nullptr && context.familiar_key == context.key_id &&
                          context.familiar == proof && user->is_proven(proof);
    if (!familiar) return charges_.over_budget(context);
  }
  if (user != nullptr && user->is_proven(proof)) return Principal{user, proof};
  return check_password(context, credential, user, proof);
}

AuthResult BasicAuthenticator::check_password(RequestContext& context,
                                              const auth::BasicCredential& credential,
                                              const auth::UserRecord* user,
                                              const auth::Proof& proof) const {
  if (!charges_.charge(context)) return charges_.over_budget(context);
  const std::string_view verifier = user != nullptr ? user->verifier() : std::string_view{};
  Verdict verdict = Verdict::Unusable;
  if (context.hashing && context.hashing->finished && context.hashed == proof) {
    verdict = context.hashing->verdict;
  } else if (auth::is_fast(verifier)) {
    verdict = auth::verify_password(verifier, credential.password());
  } else {
    context.hashing = std::make_shared<Pending>();
    context.hashed = proof;
    const bool queued = verifier_.verify(proof, verifier, credential.password(), *context.loop,
                                         [pending = context.hashing](Verdict found) {
                                           pending->verdict = found;
                                           pending->finish();
                                         });
    if (!queued) return Rejected{Reason::HashPoolFull, kPoolRetry_s, false};
    return Wait{context.hashing, clock_.monotonic_us() + kHashDeadlineUs, Reason::HashPoolFull};
  }
  if (verdict == Verdict::Unusable) return Rejected{Reason::InternalError, 0, false};
  if (user == nullptr) return Rejected{Reason::UserUnknown};
  if (verdict == Verdict::Wrong) return Rejected{Reason::PasswordWrong};
  user->set_proven(proof);
  return Principal{user, proof};
}

}  // namespace sallyport::gateway
