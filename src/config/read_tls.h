// The keys that say how a host is reached over TLS, and who may speak for a client: reading and
// checking. Called by parse() and validate() only. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/reading.h"
#include "config/validate.h"

namespace sallyport::config {

// A list of networks; each wrong one is reported.
void read_networks(const Scope& scope, std::string_view name, std::vector<Network>& out);
void read_host_tls(const Scope& scope, HostTls& tls);
void check_host_tls(const VirtualHost& host, const std::string& name, const Findings& findings);

// "api.example.com", an IP address, or "*.example.com": one label in front of a name.
bool is_host_pattern(std::string_view text);

}  // namespace sallyport::config
