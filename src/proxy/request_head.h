// The head that an upstream gets, written into one buffer: the target that was authorised, less the
// key, its prefix rewritten; the fields that may pass; what the gateway says about the caller. A
// client's byte never stands in a field of ours. Pure, on the request's worker; a warm call does
// not allocate.
#pragma once

#include <string>
#include <string_view>

#include "base/caller.h"
#include "config/config.h"
#include "http/request.h"
#include "proxy/field_rules.h"

namespace sallyport::proxy {

// What is the same for every request of a route. Made once, immutable.
struct ForwardRules {
  // `api` and `route` outlive it.
  ForwardRules(const config::Api& api, const config::Route& route);

  const config::Route* route;
  NameSet dropped;          // request fields of this route that are not copied
  NameSet dropped_answers;  // the same of answers
  std::string set_fields;   // of requests, in wire form
  std::string set_answers;
  std::vector<std::string> key_names;  // query parameters that carry the key; lower case
  bool own_cors = false;               // the gateway speaks for the API
};

// What belongs to the upstream.
struct UpstreamWords {
  std::string_view host;               // empty = the host that the client called
  std::string_view credential_header;  // lower case; empty = none
  std::string_view credential;
  std::string_view assertion = {};  // empty = none
};

// Whether there is a path to ask for: "*" has none that a route could have authorised, and one with
// parameters inside the prefix that is to be stripped has none that could be told.
bool has_target(const ForwardRules& rules, const http::Request& request);
// The path and query to ask the upstream for.
void append_target(std::string& out, const ForwardRules& rules, const http::Request& request);

// The whole head, with the empty line behind it, appended to `out`.
void append_request_head(std::string& out, const ForwardRules& rules, const UpstreamWords& words,
                         const http::Request& request, const Caller& caller);

}  // namespace sallyport::proxy
