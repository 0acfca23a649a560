// The doors' checks in their one order. Built once, immutable, shared by all workers.
#pragma once

#include <array>
#include <span>

#include "access/policy.h"
#include "auth/directory.h"
#include "auth/failure_budget.h"
#include "auth/password_keeper.h"
#include "auth/token/signature_checks.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "gateway/application_filter.h"
#include "gateway/filter.h"
#include "gateway/keyless_filter.h"
#include "gateway/permission_filter.h"
#include "gateway/threshold_filter.h"
#include "gateway/transport_filter.h"
#include "gateway/user_filter.h"
#include "limit/thresholds.h"

namespace sallyport::gateway {

// What the doors ask. All outlive the chain.
struct Doors {
  const auth::Directory& directory;
  const access::Policy& policy;
  limit::Thresholds& thresholds;
  auth::Verifier& verifier;
  auth::FailureBudget& budget;
  auth::GuessBudget& guesses;
  auth::FamiliarSources& sources;
  auth::PasswordKeeper* passwords = nullptr;  // none: nobody changes a password here
  const Clock& clock;
  auth::SignatureChecks& signatures;
};

class FilterChain {
 public:
  explicit FilterChain(const Doors& doors);
  FilterChain(const FilterChain&) = delete;
  FilterChain& operator=(const FilterChain&) = delete;

  // From the start to the first answer that is not Continue. After a Wait: again, from the start.
  Answer run(RequestContext& context) const;
  // In the order in which they refuse.
  std::span<const Filter* const> filters(config::Doors doors = config::Doors::KeyAndUser) const;
  const Doors& doors() const { return doors_; }

 private:
  const Doors doors_;
  TransportFilter transport_;
  ApplicationFilter application_;
  KeylessFilter keyless_;
  ThresholdPeekFilter peek_;
  UserFilter user_;
  PermissionFilter permission_;
  ThresholdTakeFilter take_;
  std::array<const Filter*, 6> key_and_user_;
  std::array<const Filter*, 3> key_only_;  // taken at the key's door
  std::array<const Filter*, 6> user_only_;
  std::array<const Filter*, 3> none_;
};

}  // namespace sallyport::gateway
