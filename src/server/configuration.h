// The configuration as `serve` uses it: read, checked, with the command line's ports over it.
#pragma once

#include <string>

#include "base/result.h"
#include "config/config.h"
#include "server/serve.h"

namespace sallyport::server {

// Invalid, with every problem on a line of its own.
Result<config::Config> load_configuration(const ServeOptions& options);

// Of a listener: whether only this machine can reach it.
bool is_local(const config::Listener& listener);

}  // namespace sallyport::server
