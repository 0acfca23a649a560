#include "gateway/basic_authenticator.h"

#include <memory>
#include <utility>

#include "base/net.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

using auth::GuessBudget;
using auth::Verdict;

// Longer than a full queue of familiar users takes; what is later is refused with 503, and by the
// time it comes again the answer is there.
constexpr std::int64_t kHashDeadlineUs = 10'000'000;
constexpr std::int64_t kPoolRetry_s = 1;
// How soon to look again when as many checks are under way as may fail.
constexpr std::int64_t kBusyPauseUs = 50'000;

Rejected spent(std::int64_t retry_after_s) { return {Reason::TooManyFailures, retry_after_s}; }

AuthResult conclude(const auth::UserRecord* user, const auth::Proof& proof, Verdict verdict) {
  if (verdict == Verdict::Busy) return Rejected{Reason::HashPoolFull, kPoolRetry_s, false};
  if (verdict == Verdict::Unusable) return Rejected{Reason::InternalError, 0, false};
  if (user == nullptr) return Rejected{Reason::UserUnknown};
  if (verdict == Verdict::Wrong) return Rejected{Reason::PasswordWrong};
  return Principal{user, proof};
}

}  // namespace

AuthResult BasicAuthenticator::authenticate(RequestContext& context, std::string_view field) const {
  if (!is_of_scheme(field, "basic")) return NotApplicable{};
  auth::BasicCredential credential;
  if (!credential.parse(field)) {
    return charges_.spent(context) ? charges_.over_budget(context)
                                   : Rejected{Reason::CredentialMalformed};
  }
  const auth::OpenedUser opened = find_user(directory_, context, credential.name());
  const auth::UserRecord* user = opened.user;
  context.grant = opened.grant;
  const auth::Proof proof =
      user != nullptr
          ? verifier_.proofs().of(user->id(), user->security_version(), credential.password())
          : verifier_.proofs().of_unknown(context.account, credential.name(),
                                          credential.password());
  const bool proven = user != nullptr && user->is_proven(proof);
  // The credential that succeeded on this connection before: no guess, it was told already.
  if (proven && context.familiar_key == context.key_id && context.familiar == proof) {
    return Principal{user, proof};
  }
  if (context.hashing && context.hashing->finished && context.hashed == proof) {
    return conclude(user, proof, context.hashing->verdict);
  }
  // A cached right answer is still an answer to a guess, so the budgets come first.
  const AccountId account = user != nullptr ? user->account() : context.account;
  const std::uint64_t source = source_network(context.request->client);
  GuessBudget::Guess guess{guesses_.name_of(account, credential.name()), context.key_id, source,
                           false, charges_.spent(context)};
  if (proven && guesses_.is_clean(guess)) return Principal{user, proof};
  guess.familiar = user != nullptr && sources_.knows(user->id(), source);
  if (guess.metered && !guess.familiar) return charges_.over_budget(context);
  const GuessBudget::Opening opening = proven ? guesses_.accept(guess) : guesses_.begin(guess);
  if (opening.answer == GuessBudget::Answer::Spent) return spent(opening.retry_after_s);
  if (opening.answer == GuessBudget::Answer::Busy) return wait_for_others(context);
  if (proven) return Principal{user, proof};
  return check_password(context, credential, user, proof, guess);
}

// Nobody has failed too often yet: some that are under way have to end first.
AuthResult BasicAuthenticator::wait_for_others(RequestContext& context) const {
  const std::int64_t now_us = clock_.monotonic_us();
  if (context.busy_since_us == 0) context.busy_since_us = now_us;
  const auto pause = std::make_shared<Pending>();
  context.loop->at(now_us + kBusyPauseUs, [pause] { pause->finish(); });
  return Wait{pause, context.busy_since_us + kHashDeadlineUs, Reason::HashPoolFull};
}

void BasicAuthenticator::take_in(const Asked& asked, Verdict verdict) const {
  switch (verdict) {
    case Verdict::Right: guesses_.right(asked.guess); break;
    case Verdict::Wrong: guesses_.wrong(asked.guess); break;
    default: guesses_.undecided(asked.guess); break;
  }
  if (verdict != Verdict::Right || !asked.user) return;
  const auth::UserRecord* user = directory_.find_user(asked.account, asked.name);
  if (user != nullptr && user->id() == asked.user &&
      user->security_version() == asked.security_version) {
    user->set_proven(asked.proof);
  }
}

AuthResult BasicAuthenticator::check_password(RequestContext& context,
                                              const auth::BasicCredential& credential,
                                              const auth::UserRecord* user,
                                              const auth::Proof& proof,
                                              const GuessBudget::Guess& guess) const {
  // A name that nobody has is checked all the same, against something like what others have.
  const std::string_view verifier =
      user != nullptr ? user->verifier() : directory_.decoy(context.account, credential.name());
  Asked asked{guess, proof, {}, {}, {}, 0};
  if (user != nullptr) {
    asked.account = user->account();
    asked.name = credential.name();
    asked.user = user->id();
    asked.security_version = user->security_version();
  }
  if (auth::is_fast(verifier)) {
    const Verdict verdict = auth::verify_password(verifier, credential.password());
    take_in(asked, verdict);
    return conclude(user, proof, verdict);
  }
  context.hashing = std::make_shared<Pending>();
  context.hashed = proof;
  const bool queued = verifier_.verify(
      {proof, verifier, credential.password(), credential.password_as_sent(), asked.user,
       guess.source, guess.familiar},
      *context.loop, [this, asked = std::move(asked), pending = context.hashing](Verdict found) {
        take_in(asked, found);
        pending->verdict = found;
        pending->finish();
      });
  if (!queued) {
    guesses_.undecided(guess);
    return Rejected{Reason::HashPoolFull, kPoolRetry_s, false};
  }
  return Wait{context.hashing, clock_.monotonic_us() + kHashDeadlineUs, Reason::HashPoolFull};
}

}  // namespace sallyport::gateway
