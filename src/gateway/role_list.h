// The caller's roles as upstreams read them: a structured-field list. Pure; in place, so that a
// warm call does not allocate.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::gateway {

// One more of a list of strings (RFC 8941 3.1, 3.3.3); what a string cannot hold is
// percent-encoded in a display string (RFC 9651 3.3.8).
void append_role(std::string& list, std::string_view name);

}  // namespace sallyport::gateway
