// The version of this binary, as `sallyport version` says it. The project's CMakeLists.txt has the
// same one.
#pragma once

#include <string_view>

namespace sallyport::admin {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace sallyport::admin
