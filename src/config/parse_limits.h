// Reads what the configuration limits: an API in total, each of its users and source networks, what
// requests cost. Part of parse().
#pragma once

#include "config/config.h"
#include "config/reading.h"

namespace sallyport::config {

void read_api_limits(const Scope& scope, Api& api);
void read_thresholds(const Scope& root, Config& config);

}  // namespace sallyport::config
