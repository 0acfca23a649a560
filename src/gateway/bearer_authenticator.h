// Bearer tokens at the user's door (RFC 6750 2.1): ours, and those of outside issuers. A token
// whose signature was verified lately on this worker is looked up; another one is read, compared
// with all that is known without its signature, and verified on the thread for that. Whichever way:
// times, issuer, signing key, audience, application, API key and user are asked on every request.
// Any worker.
#pragma once

#include "auth/directory.h"
#include "auth/token/claims.h"
#include "auth/token/signature_checks.h"
#include "base/clock.h"
#include "gateway/authenticator.h"
#include "gateway/refusal_charge.h"

namespace sallyport::gateway {

class BearerAuthenticator final : public Authenticator {
 public:
  BearerAuthenticator(const auth::Directory& directory, auth::SignatureChecks& checks,
                      RefusalCharge& charges, const Clock& clock)
      : directory_(directory), checks_(checks), charges_(charges), clock_(clock) {}

  config::Scheme scheme() const override { return config::Scheme::Bearer; }
  AuthResult authenticate(RequestContext& context, std::string_view field) const override;

 private:
  AuthResult verify(RequestContext& context, std::string_view token, const Digest& digest) const;
  static bool is_to_be_proven_again(const RequestContext& context, const auth::Claims& claims,
                                    std::int64_t now_us);
  // All but the signature.
  AuthResult check(RequestContext& context, const auth::Claims& claims, std::int64_t now_us) const;
  AuthResult check_ours(RequestContext& context, const auth::Claims& claims,
                        std::int64_t now_us) const;
  AuthResult check_outside(RequestContext& context, const auth::Claims& claims) const;

  const auth::Directory& directory_;
  auth::SignatureChecks& checks_;
  RefusalCharge& charges_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
