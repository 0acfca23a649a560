#include "config/validate_apis.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "config/doors.h"
#include "config/read_tls.h"
#include "config/validate_routes.h"

namespace sallyport::config {
namespace {

constexpr std::size_t kMaxKeyLocations = 8;

void check_hosts(const Api& api, const std::string& name, std::map<std::string, std::string>& seen,
                 const Findings& findings) {
  if (api.hosts.empty() && !findings.is_wrong(name + ".host")) {
    findings.error(
        name, fmt::format("the API \"{}\" has no [[api.host]]: no request can reach it", api.name));
  }
  for (std::size_t j = 0; j < api.hosts.size(); ++j) {
    const VirtualHost& host = api.hosts[j];
    const std::string here = fmt::format("{}.host[{}]", name, j);
    if (!findings.is_wrong(here + ".host")) {
      const auto [other, is_new] = seen.emplace(host.host, api.name);
      if (!is_host_pattern(host.host)) {
        findings.error(
            here + ".host",
            fmt::format("api[].host[].host must be a host name without a port, or \"*.\" "
                        "and a name, not \"{}\"",
                        host.host));
      } else if (!is_new) {
        findings.error(here + ".host", fmt::format("the host \"{}\" is taken by the API \"{}\"",
                                                   host.host, other->second));
      }
    }
    check_host_tls(host, here, findings);
    if (host.host.starts_with("*.") && host.public_url.empty() &&
        !findings.is_wrong(here + ".public_url")) {
      findings.error(here,
                     fmt::format("the host \"{}\" needs api[].host[].public_url: links are not "
                                 "made from what a request says",
                                 host.host));
    }
    if (!host.public_url.empty() && !is_public_url(host.public_url)) {
      findings.error(
          here + ".public_url",
          fmt::format("api[].host[].public_url must be like \"https://{}\", without a "
                      "slash at the end, query or fragment, not \"{}\"",
                      host.host.empty() ? "api.example.com" : host.host, host.public_url));
    }
  }
}

bool is_origin(std::string_view text) {
  if (text == "null" || !is_public_url(text)) return false;
  const std::size_t start = text.find("://") + 3;
  return text.find('/', start) == std::string_view::npos;
}

// Headers that say something else already.
bool is_taken(std::string_view header) {
  static constexpr std::string_view kTaken[] = {
      "authorization",     "proxy-authorization", "host",   "content-length",
      "transfer-encoding", "connection",          "cookie", "content-type"};
  return std::ranges::find(kTaken, header) != std::end(kTaken);
}

void check_key(const KeyLocations& places, const std::string& here, const Findings& findings) {
  const bool listed = findings.is_set(here + ".locations");
  if (listed && findings.is_wrong(here + ".locations")) return;
  const auto error = [&](const char* key, std::string_view rule) {
    const std::string_view leaf = listed ? "locations" : key;
    findings.error(fmt::format("{}.{}", here, leaf), fmt::format("api[].key.{}{}", leaf, rule));
  };
  for (const std::string& header : places.headers) {
    if (!is_token(header)) {
      error("header", fmt::format(" must be a header's name, not \"{}\"", header));
    } else if (header == "authorization") {
      error("header", ": Authorization belongs to the user");
    } else if (is_taken(header)) {
      error("header", fmt::format(": the header {} has a meaning of its own", header));
    }
  }
  for (const std::string& query : places.queries) {
    if (!is_plain_name(query)) {
      error("query", fmt::format(" must be letters, digits, - and _, not \"{}\"", query));
    }
  }
  if (places.headers.empty() && places.queries.empty()) {
    findings.error(here,
                   "api[].key: with neither a header nor a query parameter no key "
                   "can ever be found");
  }
  const std::size_t count = places.headers.size() + places.queries.size();
  if (count > kMaxKeyLocations) {
    error("locations", fmt::format(": {} places are more than {}, and each is looked at for every "
                                   "request",
                                   count, kMaxKeyLocations));
  }
}

void check_api_limits(const Api& api, const std::string& name, const Findings& findings) {
  const auto check_burst = [&](const std::string& table, const sallyport::Limits& limits) {
    const std::string known = "api[]" + table;
    if (limits.burst && !limits.rate_per_second) {
      findings.error(name + table + ".burst",
                     fmt::format("{0}.burst needs {0}.rate_per_second", known));
    } else if (limits.burst && *limits.burst < *limits.rate_per_second) {
      findings.error(name + table + ".burst",
                     fmt::format("{0}.burst is {1}, below {0}.rate_per_second, which is {2}", known,
                                 *limits.burst, *limits.rate_per_second));
    }
  };
  check_burst("", api.total);
  check_burst(".shadow", api.shadow);
  check_burst(".user", api.user.limits);
  check_burst(".source", api.source.limits);
  if (!api.cost.field.empty() && !is_token(api.cost.field)) {
    findings.error(name + ".cost.field", "api[].cost.field is no name of a header field");
  }
}

void check_api(const Api& api, const std::string& name, const Findings& findings) {
  if (!findings.is_wrong(name + ".name") && !is_plain_name(api.name)) {
    findings.error(
        name + ".name",
        fmt::format("api[].name must be 1 to 64 letters, digits, - and _, not \"{}\"", api.name));
  }
  if (!api.engine.empty() && api.engine != "messaging") {
    findings.error(name + ".engine",
                   fmt::format("api[].engine must be \"messaging\", not \"{}\"; to forward "
                               "requests, name an upstream in api[].upstream",
                               api.engine));
  }
  if (api.realm.find_first_of("\"\\") != std::string::npos) {
    findings.error(name + ".realm", "api[].realm must not hold a quotation mark or a backslash");
  }
  check_api_limits(api, name, findings);
  check_key(api.key, name + ".key", findings);
  for (const std::string& origin : api.allowed_origins) {
    if (!is_origin(origin)) {
      findings.error(name + ".allowed_origins",
                     fmt::format("api[].allowed_origins must be origins like "
                                 "\"https://app.example.com\", not \"{}\"",
                                 origin));
    }
  }
}

void check_cors(const Cors& cors, const std::string& name, const Findings& findings) {
  for (const std::string& origin : cors.origins) {
    if (origin == "*" || is_origin(origin)) continue;
    findings.error(name + ".origins",
                   fmt::format("api[].cors.origins must be \"*\" or origins like "
                               "\"https://app.example.com\", not \"{}\"",
                               origin));
  }
  if (cors.origins.empty() && findings.is_set(name) && !findings.is_wrong(name + ".origins")) {
    findings.error(name + ".origins", "api[].cors.origins is required in [api.cors]");
  }
  for (const auto& [key, list] :
       {std::pair("methods", &cors.methods), std::pair("headers", &cors.headers),
        std::pair("expose_headers", &cors.expose_headers)}) {
    for (const std::string& one : *list) {
      if (!is_token(one)) {
        findings.error(name + "." + key, fmt::format("api[].cors.{}: \"{}\" is no name", key, one));
      }
    }
  }
}

}  // namespace

void check_apis(const Config& config, const Findings& findings) {
  if (config.apis.empty() && !findings.is_wrong("api")) {
    findings.error("api", "at least one [[api]] is required");
  }
  std::set<std::string> upstreams;
  for (const Upstream& upstream : config.upstreams) upstreams.insert(upstream.name);
  std::set<std::string> names;
  std::map<std::string, std::string> hosts;
  for (std::size_t i = 0; i < config.apis.size(); ++i) {
    const Api& api = config.apis[i];
    const std::string name = fmt::format("api[{}]", i);
    check_api(api, name, findings);
    check_hosts(api, name, hosts, findings);
    check_doors(config, api, name, findings);
    check_forwarding(api, name, upstreams, findings);
    check_cors(api.cors, name + ".cors", findings);
    if (!api.name.empty() && !names.insert(api.name).second) {
      findings.error(name + ".name", fmt::format("two APIs are named \"{}\"", api.name));
    }
  }
}

}  // namespace sallyport::config
