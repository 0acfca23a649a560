// The configuration as `serve` uses it: read, checked, with the command line's ports over it; and
// what of a new one can come in force without a restart.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "server/serve.h"

namespace sallyport::server {

struct Configuration {
  config::Config config;
  std::string text;  // of the file
};

// Invalid, with every problem on a line of its own.
Result<Configuration> load_configuration(const ServeOptions& options);
// The same, and the files that it names are looked at as `sallyport check` does.
Result<Configuration> load_configuration_again(const ServeOptions& options, const Clock& clock);

// What is different in a way that only a start takes up: "listener[0].port: 8443 -> 9443".
std::vector<std::string> takes_restart(std::string_view started_text, std::string_view text);

// `next`, with what only a start takes up as it is in `running`. The listeners are those that are
// open, in their order, each with the certificate and networks that `next` gives its address and
// port.
config::Config without_restart(const config::Config& running, config::Config next);

// Of a listener: whether only this machine can reach it.
bool is_local(const config::Listener& listener);

}  // namespace sallyport::server
