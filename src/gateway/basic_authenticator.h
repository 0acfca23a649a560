// HTTP Basic at the user's door: the budgets first, then the proof in the user's record or one slow
// hash. What a check finds is taken in when it ends, also when its client has gone. Any worker.
#pragma once

#include <string>

#include "auth/basic.h"
#include "auth/directory.h"
#include "auth/familiar_sources.h"
#include "auth/guess_budget.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "gateway/authenticator.h"
#include "gateway/refusal_charge.h"

namespace sallyport::gateway {

class BasicAuthenticator final : public Authenticator {
 public:
  BasicAuthenticator(const auth::Directory& directory, auth::Verifier& verifier,
                     RefusalCharge& charges, auth::GuessBudget& guesses,
                     const auth::FamiliarSources& sources, const Clock& clock)
      : directory_(directory),
        verifier_(verifier),
        charges_(charges),
        guesses_(guesses),
        sources_(sources),
        clock_(clock) {}

  config::Scheme scheme() const override { return config::Scheme::Basic; }
  AuthResult authenticate(RequestContext& context, std::string_view field) const override;

 private:
  // What must be known when a check ends; its request may be gone by then.
  struct Asked {
    auth::GuessBudget::Guess guess;
    auth::Proof proof;
    AccountId account;
    std::string name;  // folded; of a user who is there
    UserId user;
    std::uint64_t security_version = 0;
  };
  AuthResult wait_for_others(RequestContext& context) const;
  AuthResult check_password(RequestContext& context, const auth::BasicCredential& credential,
                            const auth::UserRecord* user, const auth::Proof& proof,
                            const auth::GuessBudget::Guess& guess) const;
  void take_in(const Asked& asked, auth::Verdict verdict) const;

  const auth::Directory& directory_;
  auth::Verifier& verifier_;
  RefusalCharge& charges_;
  auth::GuessBudget& guesses_;
  const auth::FamiliarSources& sources_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
