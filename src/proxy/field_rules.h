// Which header fields pass through the gateway. Pure functions, any thread; nothing allocates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::proxy {

// A set of names, compared as a careless upstream would: without case, and with everything that is
// no letter and no digit taken for '-' (CGI makes '_' of all of it). Built once per route.
class NameSet {
 public:
  void add(std::string_view name);
  bool contains(std::string_view name) const;
  bool empty() const { return names_.empty(); }

 private:
  std::vector<std::string> names_;  // normal form
};

// Whether two names are one to such an upstream.
bool same_name(std::string_view a, std::string_view b);

// Fields of a request that are never copied: of the connection, of the framing, and those that the
// gateway vouches for itself. The name in lower case.
bool is_dropped_from_request(std::string_view name);
// Fields of an answer that are never copied: of the connection, of the framing, and those by which
// a client knows that the gateway spoke.
bool is_dropped_from_response(std::string_view name);

// Whether a Connection field's value names this field (RFC 9110 7.6.1).
bool names_field(std::string_view connection, std::string_view name);

}  // namespace sallyport::proxy
