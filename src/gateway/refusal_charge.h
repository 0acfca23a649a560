// The failure budget as the user's door uses it for one request: a request is charged once at most,
// for a check that may end badly or for one that did, and gets it back when it ends well. Any
// worker; the memory of it is in the request's context.
#pragma once

#include "auth/failure_budget.h"
#include "gateway/authenticator.h"
#include "gateway/filter.h"

namespace sallyport::gateway {

class RefusalCharge {
 public:
  explicit RefusalCharge(auth::FailureBudget& budget) : budget_(budget) {}

  // Whether nothing more is looked at; never so for a request that is charged already.
  bool spent(const RequestContext& context) const;
  // False, and nothing charged: it is spent.
  bool charge(RequestContext& context) const;
  void refund(RequestContext& context) const;
  Rejected over_budget(const RequestContext& context) const;

 private:
  auth::FailureBudget& budget_;
};

}  // namespace sallyport::gateway
