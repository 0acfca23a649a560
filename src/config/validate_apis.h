// What must hold of APIs and their hosts, beyond what is right key by key. Called by validate()
// only.
#pragma once

#include "config/validate.h"

namespace sallyport::config {

void check_apis(const Config& config, const Findings& findings);

}  // namespace sallyport::config
