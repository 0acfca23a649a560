// HTTP Basic at the user's door: the failure budget first, then the proof in the user's record or
// one slow hash. Any worker.
#pragma once

#include "auth/basic.h"
#include "auth/directory.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "gateway/authenticator.h"
#include "gateway/refusal_charge.h"

namespace sallyport::gateway {

class BasicAuthenticator final : public Authenticator {
 public:
  BasicAuthenticator(const auth::Directory& directory, auth::Verifier& verifier,
                     RefusalCharge& charges, const Clock& clock)
      : directory_(directory), verifier_(verifier), charges_(charges), clock_(clock) {}

  config::Scheme scheme() const override { return config::Scheme::Basic; }
  AuthResult authenticate(RequestContext& context, std::string_view field) const override;

 private:
  AuthResult check_password(RequestContext& context, const auth::BasicCredential& credential,
                            const auth::UserRecord* user, const auth::Proof& proof) const;

  const auth::Directory& directory_;
  auth::Verifier& verifier_;
  RefusalCharge& charges_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
