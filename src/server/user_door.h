// What the user's door keeps in memory, put together from the configuration: proofs and their hash
// pool, budgets, familiar sources, and what carries users' own changes into the store. Owned by the
// Server; stop() before the loops and the store go.
#pragma once

#include "admin/command.h"
#include "auth/directory.h"
#include "auth/failure_budget.h"
#include "auth/familiar_sources.h"
#include "auth/guess_budget.h"
#include "auth/verifier.h"
#include "config/config.h"
#include "server/user_upkeep.h"

namespace sallyport::server {

struct UserDoor {
  UserDoor(const config::Auth& auth, const auth::Directory& directory, auth::FamiliarStore& store,
           const Clock& clock, Random& random);

  Result<void> load(auth::FamiliarStore& store, const Clock& clock);
  void unlock(const admin::Unlock& unlock);
  void stop();

  auth::FailureBudget budget;
  auth::GuessBudget guesses;
  auth::FamiliarSources sources;
  UserUpkeep upkeep;
  auth::Verifier verifier;  // last: its threads use the rest
};

}  // namespace sallyport::server
