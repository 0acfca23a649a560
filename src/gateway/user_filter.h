// The user's door: the failure budget first, then Basic, then the proof or one slow hash, then the
// user's state. Whoever is refused here is charged to (key, source network), never to a threshold.
// Any worker.
#pragma once

#include "auth/basic.h"
#include "auth/directory.h"
#include "auth/failure_budget.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "gateway/filter.h"

namespace sallyport::gateway {

class UserFilter final : public Filter {
 public:
  UserFilter(const auth::Directory& directory, auth::Verifier& verifier,
             auth::FailureBudget& budget, const Clock& clock)
      : directory_(directory), verifier_(verifier), budget_(budget), clock_(clock) {}

  std::string_view name() const override { return "user"; }
  Answer on_request(RequestContext& context) const override;

  // Ok, or why a proven user is not let in.
  static Reason state_of(const auth::UserRecord& user, const IpAddress& client);
  // From here on the request is in the user's account, which may have granted the application that.
  static void act_for(RequestContext& context, const auth::UserRecord& user);

 private:
  Answer check_password(RequestContext& context, const auth::BasicCredential& credential,
                        const auth::UserRecord* user, const auth::Proof& proof) const;
  Answer admit(RequestContext& context, const auth::UserRecord& user,
               const auth::Proof& proof) const;
  Answer refuse(RequestContext& context, Reason reason) const;
  Refusal over_budget(const RequestContext& context) const;
  bool charge(RequestContext& context) const;
  void refund(RequestContext& context) const;

  const auth::Directory& directory_;
  auth::Verifier& verifier_;
  auth::FailureBudget& budget_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
