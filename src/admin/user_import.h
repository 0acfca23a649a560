// `user import` on the side of the store: a piece of rows becomes users in one transaction. A name
// that is there already is counted and left as it is, so that the same file can be imported again
// to go on where it stopped. Control thread.
#pragma once

#include <string>

#include "admin/verbs.h"
#include "base/entities.h"

namespace sallyport::admin {

ActionInfo user_import_action();

// "ROLE" or "ROLE@WORKSPACE", of the user's account.
RoleAssignment read_assignment(Run& run, const std::string& text, AccountId account);

}  // namespace sallyport::admin
