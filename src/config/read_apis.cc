#include "config/read_apis.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "config/doors.h"
#include "config/parse_limits.h"
#include "config/read_tls.h"
#include "config/validate.h"

namespace sallyport::config {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMillion = 1'000'000;

void read_endpoints(const Scope& scope, Upstream& upstream) {
  std::vector<std::string> texts;
  scope.texts("endpoints", texts);
  for (const std::string& text : texts) {
    Endpoint endpoint;
    bool tls = false;
    if (!parse_endpoint(text, endpoint, tls)) {
      scope.fail("endpoints", fmt::format("must be like \"http://10.0.0.1:8080\" or "
                                          "\"https://orders.internal\", without a path, not \"{}\"",
                                          text));
    } else if (!upstream.endpoints.empty() && tls != upstream.tls_enabled) {
      scope.fail("endpoints", "are either all http or all https");
    } else {
      upstream.tls_enabled = tls;
      upstream.endpoints.push_back(std::move(endpoint));
    }
  }
}

void lower(std::vector<std::string>& texts) {
  for (std::string& text : texts) text = ascii_lower(text);
}

void read_values(const Scope& scope, const char* name, std::vector<HeaderValue>& out) {
  std::vector<std::string> texts;
  scope.texts(name, texts);
  for (const std::string& text : texts) {
    HeaderValue value;
    if (parse_header_value(text, value)) {
      out.push_back(std::move(value));
    } else {
      scope.fail(name, fmt::format("must be like \"X-Region: eu\", not \"{}\"", text));
    }
  }
}

void read_choice(const Scope& scope, UpstreamChoice& choice) {
  scope.text("upstream", choice.live);
  scope.text("test_upstream", choice.test);
}

void read_kept(const Scope& scope, KeptInPath& keep) {
  std::vector<std::string> texts;
  scope.texts("keep", texts);
  for (const std::string& text : texts) {
    if (text == "encoded slashes") {
      keep.encoded_slashes = true;
    } else if (text == "parameters") {
      keep.parameters = true;
    } else {
      scope.fail("keep", fmt::format("must be a list of \"encoded slashes\", \"parameters\", not "
                                     "\"{}\"",
                                     text));
    }
  }
}

void read_route(const Scope& scope, Route& route) {
  if (!scope.has("path")) scope.fail("path", "is required");
  scope.text("path", route.path);
  scope.texts("methods", route.methods);
  scope.text("operation", route.operation);
  read_choice(scope, route.upstream);
  scope.text("strip_prefix", route.strip_prefix);
  scope.text("add_prefix", route.add_prefix);
  scope.duration("connect_timeout", route.connect_timeout, 10ms, 10min);
  scope.duration("head_timeout", route.head_timeout, 10ms, 24h);
  scope.duration("body_timeout", route.body_timeout, 10ms, 24h);
  scope.duration("total_timeout", route.total_timeout, 10ms, 24h);
  scope.integer("retries", route.retries, 0, 10);
  scope.integer("body_bytes", route.body_bytes, 0, kMillion * kMillion);
  scope.boolean("trailers", route.trailers);
  scope.boolean("forward_authorization", route.forward_authorization);
  scope.boolean("forward_key", route.forward_key);
  scope.texts("remove_headers", route.request_headers.remove);
  scope.texts("remove_response_headers", route.response_headers.remove);
  lower(route.request_headers.remove);
  lower(route.response_headers.remove);
  read_kept(scope, route.keep);
  scope.texts("overrides", route.overrides);
  lower(route.overrides);
  read_values(scope, "set_headers", route.request_headers.set);
  read_values(scope, "set_response_headers", route.response_headers.set);
}

void read_hosts(const Scope& scope, Api& api) {
  for (const Scope& host_scope : scope.tables("host")) {
    VirtualHost& host = api.hosts.emplace_back();
    if (!host_scope.has("host")) host_scope.fail("host", "is required");
    host_scope.text("host", host.host);
    host.host = ascii_lower(host.host);
    if (host.host.ends_with('.')) host.host.pop_back();
    read_host_tls(host_scope, host.tls);
    host_scope.text("public_url", host.public_url);
    read_choice(host_scope, host.upstream);
    if (host_scope.has("environment")) {
      host.environment = Environment::Live;
      host_scope.choice("environment", *host.environment,
                        {{"live", Environment::Live}, {"test", Environment::Test}});
    }
  }
}

// "header:x-api-key" or "query:apikey".
void read_location(const Scope& key, const std::string& text, KeyLocations& places) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = std::string_view(text).substr(0, colon);
  const std::string name =
      colon == std::string::npos ? std::string() : ascii_lower(text.substr(colon + 1));
  auto& names = kind == "header" ? places.headers : places.queries;
  if (name.empty() || (kind != "header" && kind != "query")) {
    key.fail("locations", fmt::format("must hold texts like \"header:x-api-key\" and "
                                      "\"query:apikey\", not \"{}\"",
                                      text));
  } else if (std::ranges::find(names, name) != names.end()) {
    key.fail("locations", fmt::format("holds \"{}:{}\" twice", kind, name));
  } else {
    names.push_back(name);
  }
}

void read_key(const Scope& key, Api& api) {
  if (key.has("locations")) {
    std::vector<std::string> texts;
    key.texts("locations", texts);
    api.key = {{}, {}};
    for (const std::string& text : texts) read_location(key, text, api.key);
    for (const char* other : {"header", "query"}) {
      if (key.has(other)) {
        key.fail(other, "says again what api[].key.locations says: give one of the two");
      }
    }
    return;
  }
  std::string header = "x-api-key";
  std::string query = api.profile == Profile::Classic ? "apikey" : "";
  key.text("header", header);
  key.text("query", query);
  api.key = {{}, {}};
  if (!header.empty()) api.key.headers.push_back(ascii_lower(header));
  if (!query.empty()) api.key.queries.push_back(ascii_lower(query));
}

void read_cors(const Scope& scope, Cors& cors) {
  scope.texts("origins", cors.origins);
  scope.texts("methods", cors.methods);
  scope.texts("headers", cors.headers);
  scope.texts("expose_headers", cors.expose_headers);
  scope.duration("max_age", cors.max_age, 0ms, 24h);
}

// What answers: the engine unless the file names upstreams, for which one route is enough.
void settle_engine(Api& api) {
  bool forwards = !api.routes.empty() || !api.upstream.live.empty() || !api.upstream.test.empty();
  for (const VirtualHost& host : api.hosts) {
    forwards = forwards || !host.upstream.live.empty() || !host.upstream.test.empty();
  }
  if (!forwards && api.engine.empty()) api.engine = "messaging";
  if (forwards && api.routes.empty()) api.routes.emplace_back();
}

}  // namespace

bool parse_endpoint(std::string_view text, Endpoint& endpoint, bool& tls) {
  tls = text.starts_with("https://");
  if (!tls && !text.starts_with("http://")) return false;
  text.remove_prefix(tls ? 8 : 7);
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    port = text.substr(end + 1);
    endpoint.host = text.substr(1, end - 1);
    if (endpoint.host.find(':') == std::string::npos) return false;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    port = text.substr(colon);
    endpoint.host = ascii_lower(text.substr(0, colon));
  }
  if (!is_host_name(endpoint.host)) return false;
  endpoint.port = tls ? 443 : 80;
  if (port.empty()) return true;
  if (!port.starts_with(':') || port.size() < 2) return false;
  port.remove_prefix(1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  return error == std::errc() && end == port.data() + port.size() && endpoint.port != 0;
}

bool parse_header_value(std::string_view text, HeaderValue& header) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  header.name = text.substr(0, colon);
  header.value = trim_ascii(text.substr(colon + 1));
  return !header.value.empty();
}

void read_upstreams(const Scope& root, Config& config) {
  for (const Scope& scope : root.tables("upstream")) {
    Upstream& upstream = config.upstreams.emplace_back();
    if (!scope.has("name")) scope.fail("name", "is required");
    scope.text("name", upstream.name);
    if (!scope.has("endpoints")) scope.fail("endpoints", "is required");
    read_endpoints(scope, upstream);
    scope.choice("balance", upstream.balance,
                 {{"round_robin", Balance::RoundRobin}, {"least_request", Balance::LeastRequest}});
    scope.text("host", upstream.host);
    scope.integer("kept_connections", upstream.kept_connections, 0, kMillion);
    scope.duration("kept_timeout", upstream.kept_timeout, 100ms, 1h);
    scope.integer("max_in_flight", upstream.max_in_flight, 1, kMillion);
    scope.integer("retry_percent", upstream.retry_percent, 0, 100);
    const Scope tls = scope.table("tls");
    tls.text("ca_file", upstream.tls.ca_file);
    tls.text("server_name", upstream.tls.server_name);
    upstream.tls.server_name = ascii_lower(upstream.tls.server_name);
    tls.text("certificate", upstream.tls.certificate);
    tls.text("key", upstream.tls.key);
    const Scope health = scope.table("health");
    health.text("path", upstream.health.path);
    health.duration("interval", upstream.health.interval, 100ms, 1h);
    health.duration("timeout", upstream.health.timeout, 10ms, 10min);
    health.integer("healthy_after", upstream.health.healthy_after, 1, 100);
    health.integer("unhealthy_after", upstream.health.unhealthy_after, 1, 100);
    const Scope ejection = scope.table("ejection");
    ejection.integer("failures", upstream.ejection.failures, 0, 1'000);
    ejection.duration("duration", upstream.ejection.duration, 100ms, 1h);
    ejection.integer("most_percent", upstream.ejection.most_percent, 0, 100);
    const Scope credential = scope.table("credential");
    credential.text("header", upstream.credential.header);
    upstream.credential.header = ascii_lower(upstream.credential.header);
    credential.text("secret_file", upstream.credential.secret_file);
    scope.table("assertion").text("audience", upstream.assertion.audience);
  }
}

void read_apis(const Scope& root, Config& config) {
  for (const Scope& scope : root.tables("api")) {
    Api& api = config.apis.emplace_back();
    if (!scope.has("name")) scope.fail("name", "is required");
    scope.text("name", api.name);
    scope.choice("profile", api.profile,
                 {{"classic", Profile::Classic}, {"modern", Profile::Modern}});
    scope.text("realm", api.realm);
    if (api.realm.empty()) api.realm = api.name;
    scope.text("engine", api.engine);
    read_choice(scope, api.upstream);
    read_api_limits(scope, api);
    scope.boolean("maintenance", api.maintenance);
    scope.boolean("compat_596", api.compat_596);
    scope.texts("allowed_origins", api.allowed_origins);
    scope.boolean("disclose_key_state", api.disclose_key_state);
    scope.boolean("whoami", api.whoami);
    read_doors(scope, config, api);
    read_hosts(scope, api);
    for (const Scope& route : scope.tables("route")) {
      read_route(route, api.routes.emplace_back());
      read_route_access(route, api, api.routes.back());
    }
    read_cors(scope.table("cors"), api.cors);
    read_key(scope.table("key"), api);
    settle_engine(api);
  }
}

}  // namespace sallyport::config
