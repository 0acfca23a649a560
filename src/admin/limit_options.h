// The options that set limits, as plans, subscriptions and accounts have them. Constant.
#pragma once

#include <string_view>
#include <vector>

#include "admin/verbs.h"

namespace sallyport::admin {

// Rate, burst and windows; the texts say what "none" is called.
std::vector<OptionInfo> rate_options(std::string_view rate, std::string_view burst);
// And quota, its calendar, and concurrency.
std::vector<OptionInfo> limit_options(std::string_view rate, std::string_view burst,
                                      std::string_view quota);

}  // namespace sallyport::admin
