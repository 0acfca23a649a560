// The target of a request made canonical, once, before routing. What cannot be made canonical
// without guessing is refused. Pure functions, any thread; RFC 3986 2 and 3, RFC 9112 3.2.
#pragma once

#include <string_view>

#include "http/request.h"

namespace sallyport::http {

// Fills host, path, segments, trailing_slash, query and pairs of `request`, whose method is set
// already, and notes what only a route can let pass: encoded slashes and parameters. `target` and
// `host` (the field's value) must live as long as the request. Returns nullptr, or what is wrong: a
// short fixed text for the log.
const char* make_canonical(Request& request, std::string_view target, std::string_view host);

// The same without the host, which canonical_host() has filled in already.
const char* canonical_target(Request& request, std::string_view target, std::string_view host);

// "Example.COM.:8443" -> "example.com"; nullptr, or what is wrong.
const char* canonical_host(Request& request, std::string_view host);

}  // namespace sallyport::http
