// What a user may be called. Pure, any thread; Invalid with the rule that a name breaks.
#pragma once

#include <string_view>

#include "base/result.h"

namespace sallyport::auth {

Result<void> check_username(std::string_view name);

}  // namespace sallyport::auth
