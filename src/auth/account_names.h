// From the names or ids of accounts in the configuration to the accounts themselves, once at start:
// from then on the id is meant, whatever the account is called. Control thread.
#pragma once

#include <string>
#include <vector>

#include "auth/directory.h"
#include "base/entities.h"
#include "base/result.h"

namespace sallyport::auth {

// NotFound, naming it: an account that is not there, or a name that two have.
Result<std::vector<const AccountSlot*>> find_accounts(const Directory& directory,
                                                      const std::vector<Account>& accounts,
                                                      const std::vector<std::string>& names);

}  // namespace sallyport::auth
