// What a request is forwarded to and how: groups of endpoints, and the routes of an API that lead
// to them. Part of Config; values, parsed once, then immutable. docs/configuration.md has every
// key.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/access.h"

namespace sallyport::config {

using std::chrono::milliseconds;

struct Endpoint {
  std::string host;  // a name in lower case, or an IP address without brackets
  std::uint16_t port = 0;
};

enum class Balance : std::uint8_t { RoundRobin, LeastRequest };

struct UpstreamTls {
  std::string ca_file;      // empty = the system's authorities
  std::string server_name;  // for SNI and verification; empty = the endpoint's host
  std::string certificate;  // PEM chain of ours, when the upstream wants one
  std::string key;
};

struct HealthCheck {
  std::string path;  // empty = no active checks
  milliseconds interval{5'000};
  milliseconds timeout{2'000};
  std::uint32_t healthy_after = 2;
  std::uint32_t unhealthy_after = 3;
};

struct Ejection {
  std::uint32_t failures = 5;  // in a row; 0 = never
  milliseconds duration{10'000};
  std::uint32_t most_percent = 50;  // of the endpoints; the rest stays, whatever it does
};

// A secret of ours that the upstream wants, in a header of each forwarded request.
struct UpstreamCredential {
  std::string header;       // lower case; empty = none
  std::string secret_file;  // its whole content, less line ends behind it, is the value
};

// A signed statement of who is calling, in a header of each forwarded request.
struct Assertion {
  std::string audience;  // `aud`; empty = none is made
};

struct Upstream {
  std::string name;
  std::vector<Endpoint> endpoints;
  bool tls_enabled = false;  // its endpoints are https
  Balance balance = Balance::RoundRobin;
  std::string host;  // the Host to send; empty = the host that the client called
  std::uint32_t kept_connections = 128;  // idle, per worker and endpoint
  milliseconds kept_timeout{4'000};      // below what servers commonly keep (5 s)
  std::uint32_t max_in_flight = 1'024;   // of all workers; each has its share
  std::uint32_t retry_percent = 20;      // retries may add this much to the requests
  UpstreamTls tls;
  HealthCheck health;
  Ejection ejection;
  UpstreamCredential credential;
  Assertion assertion;
};

struct HeaderValue {
  std::string name;  // as written
  std::string value;
};

struct HeaderRules {
  std::vector<std::string> remove;  // lower case
  std::vector<HeaderValue> set;     // replaces what is there
};

// What a path may hold on a route although servers disagree about what it means.
struct KeptInPath {
  bool encoded_slashes = false;  // "%2F", part of its segment
  bool parameters = false;       // ";v=1"
  bool operator==(const KeptInPath&) const = default;
};

// The upstream of a route, by environment: the first that is set of route, host and API.
struct UpstreamChoice {
  std::string live;
  std::string test;  // for keys of the test environment
};

struct Route {
  std::string path = "/**";          // a pattern
  std::vector<std::string> methods;  // empty = every one
  std::string operation;             // for permissions by operation; empty = none
  std::optional<Access> access;      // none: the API's
  UpstreamChoice upstream = {};
  std::string strip_prefix;  // of the authorised path: "/orders"
  std::string add_prefix;    // in its place: "/v2/orders"
  milliseconds connect_timeout{3'000};
  milliseconds head_timeout{30'000};    // from the request's end to the end of the answer's head
  milliseconds body_timeout{30'000};    // without a byte of the answer's body
  milliseconds total_timeout{600'000};  // from the first try to the last byte
  std::uint32_t retries = 1;
  std::optional<std::uint64_t> body_bytes;  // over limits.body_bytes
  bool trailers = false;
  bool forward_authorization = false;
  bool forward_key = false;
  HeaderRules request_headers;
  HeaderRules response_headers;
  KeptInPath keep;
  std::vector<std::string> overrides;  // lower case; fields whose method is believed
};

struct Cors {
  std::vector<std::string> origins;  // empty = no CORS; "*" = every one
  std::vector<std::string> methods;  // empty = those of the route
  std::vector<std::string> headers{"authorization", "content-type", "accept"};  // and the key's
  std::vector<std::string> expose_headers;
  milliseconds max_age{600'000};
};

}  // namespace sallyport::config
