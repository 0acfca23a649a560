#include "auth/account_names.h"

#include <algorithm>

namespace sallyport::auth {

Result<std::vector<const AccountSlot*>> find_accounts(const Directory& directory,
                                                      const std::vector<Account>& accounts,
                                                      const std::vector<std::string>& names) {
  std::vector<const AccountSlot*> found;
  for (const std::string& name : names) {
    const auto id = AccountId::parse(name);
    const auto is_meant = [&](const Account& one) {
      return (id && one.id == *id) || one.name == name;
    };
    const auto matches = std::ranges::count_if(accounts, is_meant);
    if (matches == 0) return fail(ErrorKind::NotFound, "there is no account \"" + name + "\"");
    if (matches > 1) {
      return fail(ErrorKind::NotFound, "\"" + name + "\" means two accounts: give the id");
    }
    const AccountSlot* slot = directory.find_account(std::ranges::find_if(accounts, is_meant)->id);
    SALLYPORT_CHECK(slot != nullptr);
    if (std::ranges::find(found, slot) == found.end()) found.push_back(slot);
  }
  return found;
}

}  // namespace sallyport::auth
