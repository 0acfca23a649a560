// The passwords that everybody tries first, and the words that they are made of: lower case,
// sorted. Short words count too, because digits and marks around a word are taken off before it is
// looked up. Constant, any thread.
#pragma once

#include <span>
#include <string_view>

namespace sallyport::auth {

std::span<const std::string_view> common_passwords();

}  // namespace sallyport::auth
