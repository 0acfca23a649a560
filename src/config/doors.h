// The part of the configuration that says who gets in how: an API's doors and the schemes of its
// users, the tokens we issue and the outside issuers whose tokens count. Read and checked here
// because one rule holds over all of it: nothing is open by omission. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "config/config.h"
#include "config/reading.h"
#include "config/validate.h"

namespace sallyport::config {

// Of an API: doors, auth, accounts, issuers and tokens; after read_issuers(). Where `auth` is not
// given, it is bearer and basic, or none when the doors ask for no user.
void read_doors(const Scope& scope, const Config& config, Api& api);
// Of a route that says it for itself; what it does not say is the API's.
void read_route_access(const Scope& scope, const Api& api, Route& route);
// [tokens] and [[issuer]].
void read_issuers(const Scope& root, Config& config);

// Both doors, Bearer to use a token, and Basic or a certificate to get it with.
bool can_issue_tokens(const Access& access);

void check_issuers(const Config& config, const Findings& findings);
// What contradicts itself in the API, which stands in the table `name` of the file.
void check_doors(const Config& config, const Api& api, const std::string& name,
                 const Findings& findings);

}  // namespace sallyport::config
