#include "config/validate_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"

namespace sallyport::config {
namespace {

constexpr std::size_t kMaxAudienceBytes = 512;

// With a '-' at the end: everything that begins so.
constexpr std::array<std::string_view, 22> kReservedForRequests = {"host",
                                                                   "content-length",
                                                                   "transfer-encoding",
                                                                   "connection",
                                                                   "keep-alive",
                                                                   "te",
                                                                   "trailer",
                                                                   "upgrade",
                                                                   "expect",
                                                                   "proxy-",
                                                                   "x-request-id",
                                                                   "forwarded",
                                                                   "x-forwarded-",
                                                                   "x-sallyport-",
                                                                   "x-mashery-",
                                                                   "x-original-url",
                                                                   "x-rewrite-url",
                                                                   "x-http-method",
                                                                   "x-http-method-override",
                                                                   "x-method-override",
                                                                   "http2-settings",
                                                                   "via"};
constexpr std::array<std::string_view, 15> kReservedForResponses = {"content-length",
                                                                    "transfer-encoding",
                                                                    "connection",
                                                                    "keep-alive",
                                                                    "trailer",
                                                                    "upgrade",
                                                                    "te",
                                                                    "proxy-",
                                                                    "x-request-id",
                                                                    "x-sallyport-",
                                                                    "x-mashery-",
                                                                    "x-error-",
                                                                    "x-plan-",
                                                                    "ratelimit",
                                                                    "www-authenticate"};

template <std::size_t Size>
bool is_among(const std::array<std::string_view, Size>& names, std::string_view name) {
  std::string plain(name);
  std::ranges::replace(plain, '_', '-');
  return std::ranges::any_of(names, [&](std::string_view one) {
    const bool prefix = one.ends_with('-') || one == "ratelimit";
    return prefix ? plain.starts_with(one) : plain == one;
  });
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_header_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

void check_choice(const UpstreamChoice& choice, const std::string& name,
                  const std::set<std::string>& upstreams, const Findings& findings) {
  for (const auto& [key, value] :
       {std::pair("upstream", &choice.live), std::pair("test_upstream", &choice.test)}) {
    if (value->empty() || upstreams.contains(*value)) continue;
    findings.error(name + "." + key, fmt::format("no [[upstream]] is named \"{}\"", *value));
  }
}

void check_rules(const Route& route, const std::string& name, const Findings& findings) {
  const auto check = [&](const char* key, std::string_view header, bool reserved) {
    if (!is_token(header)) {
      findings.error(name + "." + key,
                     fmt::format("api[].route[].{}: \"{}\" is no header's name", key, header));
    } else if (reserved) {
      findings.error(
          name + "." + key,
          fmt::format("api[].route[].{}: {} is set by the gateway or by HTTP itself", key, header));
    }
  };
  for (const std::string& header : route.request_headers.remove) {
    check("remove_headers", header, is_reserved_request_header(header));
  }
  for (const HeaderValue& header : route.request_headers.set) {
    const std::string lower = ascii_lower(header.name);
    check("set_headers", header.name, is_reserved_request_header(lower));
    if (lower == "authorization") {
      findings.error(name + ".set_headers",
                     "api[].route[].set_headers: a secret belongs into the file that "
                     "upstream[].credential.secret_file names");
    }
  }
  for (const std::string& header : route.response_headers.remove) {
    check("remove_response_headers", header, is_reserved_response_header(header));
  }
  for (const HeaderValue& header : route.response_headers.set) {
    check("set_response_headers", header.name,
          is_reserved_response_header(ascii_lower(header.name)));
  }
  for (const auto& [key, rules] : {std::pair("set_headers", &route.request_headers),
                                   std::pair("set_response_headers", &route.response_headers)}) {
    for (const HeaderValue& header : rules->set) {
      if (!is_header_value(header.value)) {
        findings.error(name + "." + key,
                       fmt::format("api[].route[].{}: the value of {} must be printable ASCII", key,
                                   header.name));
      }
    }
  }
}

void check_overrides(const Route& route, const std::string& name, const Findings& findings) {
  constexpr std::array<std::string_view, 3> kOfMethods = {"x-http-method-override", "x-http-method",
                                                          "x-method-override"};
  for (const std::string& field : route.overrides) {
    if (std::ranges::find(kOfMethods, field) != kOfMethods.end()) continue;
    const bool of_path = field == "x-original-url" || field == "x-rewrite-url";
    findings.error(
        name + ".overrides",
        fmt::format("api[].route[].overrides: \"{}\" {}", field,
                    of_path ? "claims another path, which is not supported: it is always "
                              "dropped"
                            : "is none of X-HTTP-Method-Override, X-HTTP-Method, "
                              "X-Method-Override"));
  }
}

void check_route(const Route& route, const std::string& name, const Findings& findings) {
  constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};
  if (!route.path.starts_with('/') && !findings.is_wrong(name + ".path")) {
    findings.error(name + ".path", fmt::format("api[].route[].path must begin with a slash, not "
                                               "\"{}\"",
                                               route.path));
  }
  for (const std::string& method : route.methods) {
    if (std::ranges::find(kMethods, method) == kMethods.end()) {
      findings.error(name + ".methods",
                     fmt::format("api[].route[].methods: \"{}\" is none of GET, HEAD, POST, PUT, "
                                 "PATCH, DELETE, OPTIONS",
                                 method));
    }
  }
  for (const auto& [key, value] : {std::pair("strip_prefix", &route.strip_prefix),
                                   std::pair("add_prefix", &route.add_prefix)}) {
    if (!value->empty() && !is_path_prefix(*value)) {
      findings.error(name + "." + key,
                     fmt::format("api[].route[].{} must be like \"/v2/orders\", in canonical form "
                                 "and without a slash at the end, not \"{}\"",
                                 key, *value));
    }
  }
  // What it strips must be there: the literal beginning of the pattern.
  if (!route.strip_prefix.empty() && route.path != route.strip_prefix &&
      !route.path.starts_with(route.strip_prefix + "/")) {
    findings.error(name + ".strip_prefix",
                   fmt::format("api[].route[].strip_prefix {} is not what the path {} begins with",
                               route.strip_prefix, route.path));
  }
  if (!route.operation.empty() && !std::ranges::all_of(route.operation, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
      })) {
    findings.error(name + ".operation",
                   fmt::format("api[].route[].operation must be like \"orders.create\", not \"{}\"",
                               route.operation));
  }
  if (route.total_timeout < route.head_timeout && findings.is_set(name + ".total_timeout")) {
    findings.error(name + ".total_timeout",
                   "api[].route[].total_timeout is below api[].route[].head_timeout");
  }
  check_rules(route, name, findings);
  check_overrides(route, name, findings);
}

bool has_upstream(const UpstreamChoice& choice) { return !choice.live.empty(); }

}  // namespace

void check_forwarding(const Api& api, const std::string& name,
                      const std::set<std::string>& upstreams, const Findings& findings) {
  check_choice(api.upstream, name, upstreams, findings);
  const bool every_host =
      !api.hosts.empty() && std::ranges::all_of(api.hosts, [](const VirtualHost& host) {
        return has_upstream(host.upstream);
      });
  for (std::size_t i = 0; i < api.hosts.size(); ++i) {
    check_choice(api.hosts[i].upstream, fmt::format("{}.host[{}]", name, i), upstreams, findings);
  }
  if (!api.engine.empty() && !api.routes.empty() && !findings.is_wrong(name + ".engine")) {
    findings.error(name + ".engine",
                   fmt::format("the API \"{}\" has an engine and an upstream or routes: one of "
                               "them answers",
                               api.name));
  }
  std::set<std::pair<std::string, std::string>> taken;
  for (std::size_t i = 0; i < api.routes.size(); ++i) {
    const Route& route = api.routes[i];
    const std::string here = fmt::format("{}.route[{}]", name, i);
    const std::string place =
        findings.is_set(here) || findings.is_set(here + ".path") ? here : name;
    check_choice(route.upstream, here, upstreams, findings);
    check_route(route, here, findings);
    if (!has_upstream(route.upstream) && !every_host && !has_upstream(api.upstream)) {
      findings.error(place,
                     fmt::format("the route {} of the API \"{}\" has no upstream, and neither has "
                                 "the API or each of its hosts",
                                 route.path, api.name));
    }
    std::vector<std::string> methods = route.methods;
    if (methods.empty()) methods = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (const std::string& method : methods) {
      if (!taken.emplace(route.path, method).second) {
        findings.error(here, fmt::format("two routes of the API \"{}\" take {} {}", api.name,
                                         method, route.path));
      }
    }
  }
}

void check_upstreams(const Config& config, const Findings& findings) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < config.upstreams.size(); ++i) {
    const Upstream& upstream = config.upstreams[i];
    const std::string name = fmt::format("upstream[{}]", i);
    if (!is_plain_name(upstream.name) && !findings.is_wrong(name + ".name")) {
      findings.error(name + ".name",
                     fmt::format("upstream[].name must be 1 to 64 letters, digits, - and _, not "
                                 "\"{}\"",
                                 upstream.name));
    } else if (!upstream.name.empty() && !names.insert(upstream.name).second) {
      findings.error(name + ".name", fmt::format("two upstreams are named \"{}\"", upstream.name));
    }
    if (upstream.endpoints.empty() && !findings.is_wrong(name + ".endpoints")) {
      findings.error(name + ".endpoints", "upstream[].endpoints must hold one endpoint at least");
    }
    if (!upstream.host.empty() && !is_public_url("http://" + upstream.host)) {
      findings.error(name + ".host", fmt::format("upstream[].host must be a host name, with or "
                                                 "without a port, not \"{}\"",
                                                 upstream.host));
    }
    if (findings.is_set(name + ".tls") && !upstream.tls_enabled && !upstream.endpoints.empty()) {
      findings.error(name + ".tls", "upstream[].tls is for endpoints with https:// only");
    }
    if (upstream.tls.certificate.empty() != upstream.tls.key.empty()) {
      findings.error(name + ".tls",
                     "upstream[].tls.certificate and upstream[].tls.key need each other");
    }
    if (!upstream.tls.server_name.empty() && !is_host_name(upstream.tls.server_name)) {
      findings.error(name + ".tls.server_name",
                     fmt::format("upstream[].tls.server_name must be a host name, not \"{}\"",
                                 upstream.tls.server_name));
    }
    const std::string& path = upstream.health.path;
    if (path.empty() && findings.is_set(name + ".health")) {
      findings.error(name + ".health.path",
                     "upstream[].health.path is required in [upstream.health]");
    } else if (!path.empty() && (!path.starts_with('/') || path.find(' ') != std::string::npos ||
                                 !is_header_value(path))) {
      findings.error(
          name + ".health.path",
          fmt::format("upstream[].health.path must begin with a slash and hold no blank, "
                      "not \"{}\"",
                      path));
    }
    const std::string& audience = upstream.assertion.audience;
    if (findings.is_set(name + ".assertion") && !findings.is_wrong(name + ".assertion.audience") &&
        (audience.empty() || audience.size() > kMaxAudienceBytes || !is_header_value(audience))) {
      findings.error(name + ".assertion.audience",
                     "upstream[].assertion.audience must say whom the assertion is for: 1 to 512 "
                     "printable characters");
    }
    const UpstreamCredential& credential = upstream.credential;
    if (credential.header.empty() != credential.secret_file.empty()) {
      findings.error(name + ".credential",
                     "upstream[].credential.header and upstream[].credential.secret_file need each "
                     "other");
    } else if (!credential.header.empty() &&
               (!is_token(credential.header) || is_reserved_request_header(credential.header))) {
      findings.error(name + ".credential.header",
                     fmt::format("upstream[].credential.header: {} is no name, or set by the "
                                 "gateway or by HTTP itself",
                                 credential.header));
    }
  }
}

bool is_plain_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '_';
  });
}

bool is_reserved_request_header(std::string_view name) {
  return is_among(kReservedForRequests, name);
}

bool is_reserved_response_header(std::string_view name) {
  return is_among(kReservedForResponses, name);
}

bool is_path_prefix(std::string_view text) {
  if (!text.starts_with('/') || text.ends_with('/')) return false;
  const auto is_plain = [](char c) {
    return is_letter_or_digit(c) ||
           std::string_view("/-._~!$&'()*+,=:@").find(c) != std::string::npos;
  };
  if (!std::ranges::all_of(text, is_plain)) return false;
  const std::string whole = std::string(text) + "/";
  for (const char* bad : {"//", "/./", "/../"}) {
    if (whole.find(bad) != std::string::npos) return false;
  }
  return true;
}

}  // namespace sallyport::config
