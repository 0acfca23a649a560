// What a new password must be: 8 to 256 characters, not one that everybody tries first, without the
// user's name in it. Pure, any thread. Imported hashes are not asked: nobody knows their passwords.
#pragma once

#include <string_view>

#include "base/result.h"

namespace sallyport::auth {

inline constexpr std::size_t kMinPasswordCharacters = 8;
inline constexpr std::size_t kMaxPasswordCharacters = 256;

// Invalid, with the rule that it breaks; never with the password.
Result<void> check_password_policy(std::string_view password, std::string_view username);

// Whether it is on the list of the common ones, or one of those with digits and marks at its ends,
// or letters written as digits; or a run like "12345678" or "aaaaaaaa".
bool is_common_password(std::string_view folded);

}  // namespace sallyport::auth
