#include "gateway/router.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"

namespace sallyport::gateway {
namespace {

using http::Method;

// Where the workspace's id stands in the path, by the pattern.
std::size_t workspace_segment(std::string_view pattern) {
  std::size_t segment = 0;
  for (std::size_t at = 1; at < pattern.size(); ++segment) {
    const std::size_t slash = std::min(pattern.find('/', at), pattern.size());
    const std::string_view text = pattern.substr(at, slash - at);
    if (text == "{workspace}") return segment;
    at = slash + 1;
  }
  return Route::kNoSegment;
}

std::string allow_of(const std::vector<Route>& routes) {
  std::uint32_t bits = access::method_bit(Method::Options);
  for (const Route& route : routes) {
    bits |= access::method_bit(route.method);
    if (route.method == Method::Get) bits |= access::method_bit(Method::Head);
  }
  constexpr Method kOrder[] = {Method::Get, Method::Head,  Method::Options, Method::Post,
                               Method::Put, Method::Patch, Method::Delete};
  std::string allow;
  for (const Method method : kOrder) {
    if ((bits & access::method_bit(method)) == 0) continue;
    if (!allow.empty()) allow += ", ";
    allow += to_string(method);
  }
  return allow;
}

const Route* find(const Api::Group& group, Method method) {
  const auto found = std::ranges::find(group.routes, method, &Route::method);
  return found == group.routes.end() ? nullptr : &*found;
}

// HEAD goes where GET goes; OPTIONS asks for what its path's first route would.
const Route* route_for(const Api::Group& group, Method method) {
  if (const Route* exact = find(group, method)) return exact;
  if (method == Method::Head || method == Method::Options) {
    if (const Route* get = find(group, Method::Get)) return get;
  }
  return method == Method::Options ? &group.routes.front() : nullptr;
}

bool lists(const Route& route, std::string_view field) {
  return std::ranges::find(route.overrides, field) != route.overrides.end();
}

// The method that a field claims, of those that may be claimed: an answer to HEAD has no body, and
// the client's own reader goes by the method that it has sent.
std::optional<Method> claimed(const http::Request& request, const http::Field& field) {
  const auto method = http::parse_method(field.value);
  const bool plain =
      method && (*method == Method::Get || *method == Method::Post || *method == Method::Put ||
                 *method == Method::Patch || *method == Method::Delete);
  return plain && request.method != Method::Head ? method : std::nullopt;
}

// By the one field that the route of its method lists; what no route of the path lists is as if it
// were not there. False: it cannot be told what is meant.
bool override_method(const Api::Group& group, const http::Request& request, RouteMatch& match) {
  for (const http::Field& field : request.overrides) {
    if (std::ranges::none_of(group.routes,
                             [&](const Route& route) { return lists(route, field.name); })) {
      continue;
    }
    const auto method = claimed(request, field);
    if (!method || match.overriding != nullptr) return false;
    const Route* route = find(group, *method);
    if (route != nullptr && !lists(*route, field.name)) continue;
    match.method = *method;
    match.overriding = &field;
  }
  return true;
}

// Instead of whatever else would answer there: a switch in the configuration leaves the path alone.
void add_door_answer(Api& api, std::string_view path, Method method, std::string_view operation,
                     DoorAnswer answer, config::Access access) {
  auto pattern = access::Pattern::parse(path);
  SALLYPORT_CHECK(pattern.has_value());
  std::erase_if(api.groups,
                [path](const Api::Group& group) { return group.pattern.text() == path; });
  Route route;
  route.pattern = *pattern;
  route.method = method;
  route.operation = operation;
  route.answer = answer;
  route.access = std::move(access);
  api.groups.push_back({std::move(*pattern), {std::move(route)}, {}});
}

void add_token_answers(Api& api) {
  using config::Doors;
  using config::Scheme;
  // Never with a token: who has lost one could renew it for ever.
  config::Access issuing{Doors::KeyAndUser, api.settings.access.auth};
  std::erase(issuing.auth, Scheme::Bearer);
  add_door_answer(api, "/auth", Method::Post, "auth.issue", DoorAnswer::IssueToken,
                  std::move(issuing));
  add_door_answer(api, "/auth/verify", Method::Get, "auth.verify", DoorAnswer::VerifyToken,
                  {Doors::KeyAndUser, {Scheme::Bearer}});
}

// Public keys are for everybody who is to verify.
void add_public_keys(Api& api) {
  add_door_answer(api, "/.well-known/jwks.json", Method::Get, "auth.keys", DoorAnswer::PublishKeys,
                  {config::Doors::None, {}});
}

Result<void> compile_costs(Api& api, const access::Catalog& catalog) {
  for (const std::string& method : api.settings.cost.free_methods) {
    if (const auto parsed = http::parse_method(method)) {
      api.free_methods |= access::method_bit(*parsed);
    }
  }
  for (const config::CostRule& one : api.settings.cost.rules) {
    Match match{api.settings.name, one.operation, one.methods, one.pattern};
    auto rule = access::Rule::compile(match, catalog);
    if (!rule) return std::unexpected(rule.error());
    api.costs.push_back({std::move(*rule), one.cost});
  }
  return {};
}

}  // namespace

std::string origin_of(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return ascii_lower(url);
  const std::size_t path = url.find_first_of("/?#", scheme_end + 3);
  std::string origin = ascii_lower(url.substr(0, path));
  for (const auto& [scheme, port] : {std::pair{"https://", ":443"}, std::pair{"http://", ":80"}}) {
    if (origin.starts_with(scheme) && origin.ends_with(port)) {
      origin.resize(origin.size() - std::string_view(port).size());
      break;
    }
  }
  return origin;
}

Result<std::unique_ptr<Router>> Router::build(std::vector<ApiSpec> specs,
                                              const access::Catalog& catalog) {
  auto router = std::make_unique<Router>();
  for (ApiSpec& spec : specs) {
    if (auto added = router->add(std::move(spec), catalog); !added) {
      return std::unexpected(added.error());
    }
  }
  return router;
}

Result<void> Router::add(ApiSpec spec, const access::Catalog& catalog) {
  auto api = std::make_unique<Api>();
  api->index = catalog.api(spec.settings.name);
  if (api->index == access::Catalog::kNone) {
    return fail(ErrorKind::Invalid, "the API " + spec.settings.name + " is not in the catalogue");
  }
  api->settings = std::move(spec.settings);
  api->accounts = std::move(spec.accounts);
  api->issuers = std::move(spec.outside_issuers);
  api->token_lifetime = spec.token_lifetime;
  if (api->settings.issues_tokens && spec.own_issuer != nullptr) {
    api->own_issuer = spec.own_issuer;
    api->issuers.insert(api->issuers.begin(), spec.own_issuer);
  }
  if (api->settings.realm.empty()) api->settings.realm = api->settings.name;
  api->has_total = !api->settings.total.empty();
  if (auto costs = compile_costs(*api, catalog); !costs) return costs;
  for (RouteSpec& one : spec.routes) {
    auto pattern = access::Pattern::parse(one.pattern);
    if (!pattern) return std::unexpected(pattern.error());
    auto group = std::ranges::find_if(
        api->groups, [&](const Api::Group& other) { return other.pattern.text() == one.pattern; });
    if (group == api->groups.end()) {
      group = api->groups.insert(group, Api::Group{*pattern, {}, {}});
    }
    if (find(*group, one.method) != nullptr) {
      return fail(ErrorKind::Invalid, "route " + std::string(to_string(one.method)) + " " +
                                          one.pattern + " is there twice");
    }
    const std::size_t operation = catalog.operation(one.operation);
    group->routes.push_back({std::move(*pattern), one.method, std::move(one.operation), operation,
                             workspace_segment(one.pattern), DoorAnswer::None,
                             one.access.value_or(api->settings.access), one.handler, one.keep,
                             std::move(one.overrides)});
  }
  if (api->settings.issues_tokens) add_token_answers(*api);
  if (api->settings.issues_tokens || spec.asserts) {
    api->published = spec.own_issuer;
    add_public_keys(*api);
  }
  // Of a caller that nobody asks for there is nothing to say.
  if (api->settings.whoami && api->settings.access.doors != config::Doors::None) {
    add_door_answer(*api, "/whoami", Method::Get, "whoami", DoorAnswer::Whoami,
                    api->settings.access);
  }
  // Never with a token: whoever sets a new password has to know the present one.
  add_door_answer(*api, "/auth/password", Method::Put, "auth.password", DoorAnswer::ChangePassword,
                  {config::Doors::KeyAndUser, {config::Scheme::Basic}});
  for (Api::Group& group : api->groups) group.allow = allow_of(group.routes);
  std::ranges::stable_sort(api->groups, access::Pattern::more_specific, &Api::Group::pattern);
  for (const config::VirtualHost& one : api->settings.hosts) {
    const std::string name = ascii_lower(one.host);
    const std::string url = one.public_url.empty() ? "https://" + name : one.public_url;
    VirtualHost made{url, origin_of(url), one.environment, one.tls, api.get()};
    if (!hosts_.try_emplace(name, std::move(made)).second) {
      return fail(ErrorKind::Invalid, "host " + name + " is there twice");
    }
    has_wildcards_ = has_wildcards_ || name.starts_with("*.");
  }
  apis_.push_back(std::move(api));
  return {};
}

const VirtualHost* Router::host(std::string_view name) const {
  if (name.starts_with('*')) return nullptr;  // a pattern is nobody's name
  const auto found = hosts_.find(name);
  if (found != hosts_.end()) return &found->second;
  const std::size_t dot = name.find('.');
  if (!has_wildcards_ || dot == std::string_view::npos || dot == 0) return nullptr;
  const auto wild = hosts_.find("*" + std::string(name.substr(dot)));
  return wild == hosts_.end() ? nullptr : &wild->second;
}

// Whether the connection was made for what is called: the certificate that the client was shown,
// and whether it had to show one, were chosen by the server name.
bool Router::serves(const http::Request& request, const VirtualHost& called) const {
  // Also on a connection that is older than the rule.
  const bool required = called.tls.client_certificates == config::ClientCertificates::Required;
  if (required && !request.client_verified) return false;
  if (request.transport == http::Transport::Trusted) return true;
  if (request.sni.empty()) return called.tls == config::HostTls{};
  const VirtualHost* named = request.sni == request.host ? &called : host(request.sni);
  return named != nullptr && (named == &called || named->tls == called.tls);
}

// What servers disagree about is refused before anything else is said of the path, unless its route
// keeps it.
RouteMatch Router::match(const http::Request& request) const {
  RouteMatch match = look_up(request);
  if (!request.encoded_slash && !request.parameters) return match;
  const config::KeptInPath keep =
      match.reason == Reason::Ok ? match.route->keep : config::KeptInPath{};
  if ((request.encoded_slash && !keep.encoded_slashes) ||
      (request.parameters && !keep.parameters)) {
    match.route = nullptr;
    match.reason = Reason::NotCanonical;
  }
  return match;
}

RouteMatch Router::look_up(const http::Request& request) const {
  RouteMatch match;
  match.method = request.method;
  match.host = host(request.host);
  if (match.host == nullptr || !serves(request, *match.host)) {
    match.reason = Reason::Misdirected;
    return match;
  }
  const auto& groups = match.host->api->groups;
  const auto group = std::ranges::find_if(
      groups, [&](const Api::Group& one) { return one.pattern.matches(request.segments); });
  const bool never = request.method == Method::Trace || request.method == Method::Connect;
  if (group == groups.end()) {
    if (never) match.reason = Reason::MethodNotAllowed;
    return match;
  }
  match.allow = group->allow;
  if (!request.overrides.empty() && !override_method(*group, request, match)) {
    match.reason = Reason::NotCanonical;
    return match;
  }
  // An empty id must not delete everything. Of what `**` takes nobody knows what is a collection.
  if (match.method == Method::Delete && request.trailing_slash &&
      (group->pattern.ends_in_literal() || group->pattern.has_rest())) {
    match.reason = Reason::NotCanonical;
    return match;
  }
  match.route = never ? nullptr : route_for(*group, match.method);
  match.reason = match.route == nullptr ? Reason::MethodNotAllowed : Reason::Ok;
  return match;
}

}  // namespace sallyport::gateway
