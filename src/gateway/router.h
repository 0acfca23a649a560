// From host, path and method to the route: virtual hosts of the configuration, each API's routes as
// the composition lists them. Built once per configuration, then immutable; any worker. A miss is a
// Reason: Misdirected, NoRoute, MethodNotAllowed (with Allow), NotCanonical.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/pattern.h"
#include "access/rule.h"
#include "auth/records.h"
#include "auth/token/issuer.h"
#include "base/entities.h"
#include "base/reason.h"
#include "base/result.h"
#include "config/config.h"
#include "gateway/route.h"
#include "http/exchange.h"
#include "http/request.h"

namespace sallyport::gateway {

struct RouteSpec {
  http::Method method = http::Method::Get;
  std::string pattern;                                  // "/workspaces/{workspace}/messages"
  std::string operation;                                // of the engine: "messages.list"
  http::Handler* handler = nullptr;                     // outlives the router
  std::optional<config::Access> access = std::nullopt;  // none: the API's
  config::KeptInPath keep = {};
  std::vector<std::string> overrides = {};
};

// `settings.hosts[].public_url` is filled in: the composition knows the listener's port.
struct ApiSpec {
  config::Api settings;
  std::vector<RouteSpec> routes;
  std::vector<const auth::AccountSlot*> accounts = {};  // where users are looked up without a key
  const auth::TokenIssuer* own_issuer = nullptr;        // who signs at POST /auth
  std::vector<const auth::TokenIssuer*> outside_issuers = {};
  config::milliseconds token_lifetime{0};
  bool asserts = false;  // its upstreams verify what our issuer has signed
};

struct Api {
  std::size_t index = 0;  // in the catalogue: stays the same when the configuration changes
  config::Api settings;
  struct Group {  // routes of one pattern
    access::Pattern pattern;
    std::vector<Route> routes;
    std::string allow;  // "GET, HEAD, OPTIONS, POST"
  };
  std::vector<Group> groups;  // the more specific first
  std::vector<const auth::AccountSlot*> accounts;
  std::vector<const auth::TokenIssuer*> issuers;  // whose tokens count here
  const auth::TokenIssuer* own_issuer = nullptr;
  const auth::TokenIssuer* published = nullptr;  // whose public keys are told here
  config::milliseconds token_lifetime{0};

  const auth::AccountSlot* account(AccountId id) const {
    for (const auth::AccountSlot* one : accounts) {
      if (one->id == id) return one;
    }
    return nullptr;
  }
  struct Cost {
    access::Rule rule;
    std::uint32_t cost = 1;
  };
  std::vector<Cost> costs;         // the first that matches holds
  std::uint32_t free_methods = 0;  // bits of access::method_bit
  bool has_total = false;          // settings.total limits anything
};

struct VirtualHost {
  std::string public_url;
  std::string origin;                      // of it: "https://api.example.com"
  std::optional<Environment> environment;  // only keys of this one are let in
  config::HostTls tls;
  const Api* api = nullptr;
};

struct RouteMatch {
  Reason reason = Reason::NoRoute;  // Ok: all of the rest is there
  const VirtualHost* host = nullptr;
  const Route* route = nullptr;
  std::string_view allow;                   // of the path, when it is known
  http::Method method = http::Method::Get;  // the request's own, or what the route believes
  const http::Field* overriding = nullptr;  // the field that said so
};

class Router {
 public:
  Router() = default;
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;
  // Invalid: a bad pattern, a host twice, a route twice.
  static Result<std::unique_ptr<Router>> build(std::vector<ApiSpec> specs,
                                               const access::Catalog& catalog);
  RouteMatch match(const http::Request& request) const;
  // Lower case; exact before wildcard; nullptr = none.
  const VirtualHost* host(std::string_view name) const;
  const std::vector<std::unique_ptr<Api>>& apis() const { return apis_; }

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  RouteMatch look_up(const http::Request& request) const;
  bool serves(const http::Request& request, const VirtualHost& called) const;
  Result<void> add(ApiSpec spec, const access::Catalog& catalog);

  std::vector<std::unique_ptr<Api>> apis_;
  std::unordered_map<std::string, VirtualHost, NameHash, std::equal_to<>> hosts_;
  bool has_wildcards_ = false;
};

// "https://Api.Example.com:443/x" -> "https://api.example.com": scheme, host and a port that is not
// the scheme's own (RFC 6454 6.1).
std::string origin_of(std::string_view url);

}  // namespace sallyport::gateway
