// The user's door: finds the one credential (an Authorization field, else the certificate of the
// connection), has the authenticators that the route accepts look at
// it, then asks the user's state. Whoever is refused here is charged to (key, source network),
// never to a threshold. Any worker.
#pragma once

#include <array>
#include <span>

#include "auth/directory.h"
#include "auth/failure_budget.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "gateway/basic_authenticator.h"
#include "gateway/bearer_authenticator.h"
#include "gateway/certificate_authenticator.h"
#include "gateway/filter.h"
#include "gateway/refusal_charge.h"

namespace sallyport::gateway {

class UserFilter final : public Filter {
 public:
  UserFilter(const auth::Directory& directory, auth::Verifier& verifier,
             auth::FailureBudget& budget, auth::GuessBudget& guesses,
             auth::FamiliarSources& sources, auth::SignatureChecks& signatures, const Clock& clock);
  UserFilter(const UserFilter&) = delete;
  UserFilter& operator=(const UserFilter&) = delete;

  std::string_view name() const override { return "user"; }
  Answer on_request(RequestContext& context) const override;

  // Ok, or why a proven user is not let in.
  static Reason state_of(const auth::UserRecord& user, const IpAddress& client);
  // From here on the request is in the user's account, which may be another than the application's
  // or, without a key, the first that is named at all. Ok, or AccountSuspended.
  static Reason act_for(RequestContext& context, const auth::UserRecord& user);
  std::span<const Authenticator* const> authenticators() const { return authenticators_; }

 private:
  Answer admit(RequestContext& context, const Principal& principal) const;
  Answer refuse(RequestContext& context, const Rejected& rejected) const;

  auth::FamiliarSources& sources_;
  mutable RefusalCharge charges_;
  BearerAuthenticator bearer_;
  BasicAuthenticator basic_;
  CertificateAuthenticator certificate_;
  std::array<const Authenticator*, 3> authenticators_;
};

}  // namespace sallyport::gateway
