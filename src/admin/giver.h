// Who gives, and how much: with --by USER a change is made for that user, who gives nothing that
// they do not have themselves: no role of theirs that permits it, no workspace, no account. Without
// --by the giver is the operator at the admin socket, who has everything. Control thread.
#pragma once

#include <vector>

#include "admin/run.h"
#include "admin/verbs.h"

namespace sallyport::admin {

inline constexpr OptionInfo kBy{
    "by", "USER", "For this user, who cannot give more than they have. Default: the operator.",
    false, false};

// Refuses what is beyond the giver: each role where it is given.
void check_giver_of(Run& run, const std::vector<RoleAssignment>& given, AccountId account);
// The same of what a role permits: a role can be given to anybody of its account, anywhere in it.
void check_giver_of(Run& run, const Role& role);

}  // namespace sallyport::admin
