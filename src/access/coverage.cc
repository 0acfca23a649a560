#include "access/coverage.h"

#include <algorithm>

#include "access/rule.h"

namespace sallyport::access {
namespace {

bool takes_method(const Match& match, std::string_view method) {
  const auto has = [&match](std::string_view name) {
    return std::ranges::find(match.methods, name) != match.methods.end();
  };
  return has("*") || has(method) || (method == "HEAD" && has("GET"));
}

bool takes_methods(const Match& outer, const Match& inner) {
  return std::ranges::all_of(inner.methods, [&outer](const std::string& method) {
    return takes_method(outer, method);  // "*" is taken by "*" alone
  });
}

bool share_a_method(const Match& a, const Match& b) {
  const auto any = [](const Match& x, const Match& y) {
    return std::ranges::any_of(x.methods, [&y](const std::string& method) {
      return method == "*" || takes_method(y, method);
    });
  };
  return any(a, b) || any(b, a);
}

bool share_an_api(const Match& a, const Match& b) {
  return a.api == "*" || b.api == "*" || a.api == b.api;
}

bool names_operation(const Match& match) { return !match.operation.empty(); }

bool is_of(const RouteShape& route, const Match& match) {
  return match.api == "*" || match.api == route.api;
}

// Whether a rule takes what a route gets.
bool takes(const Match& match, const RouteShape& route) {
  if (!is_of(route, match)) return false;
  if (names_operation(match)) return match.operation == "*" || match.operation == route.operation;
  const auto pattern = Pattern::parse(match.pattern);
  return pattern && takes_method(match, route.method) && pattern->overlaps(route.pattern);
}

// Whether a request can come to a route that the rule speaks of: a GET's route gets HEAD as well.
bool may_meet(const Match& match, const RouteShape& route) {
  if (takes(match, route)) return true;
  if (route.method != "GET" || !is_of(route, match) || !takes_method(match, "HEAD")) return false;
  const auto pattern = Pattern::parse(match.pattern);
  return pattern && pattern->overlaps(route.pattern);
}

// Of an operation: that all its routes lie within the outer pattern.
bool covers_operation_by_pattern(const Match& outer, const Match& inner,
                                 std::span<const RouteShape> routes) {
  const auto pattern = Pattern::parse(outer.pattern);
  if (!pattern) return false;
  if (inner.operation == "*") return takes_method(outer, "*") && pattern->text() == "/**";
  bool known = false;
  for (const RouteShape& route : routes) {
    if (!takes(inner, route)) continue;
    known = true;
    if (!takes_method(outer, route.method) || !pattern->contains(route.pattern)) return false;
  }
  return known;
}

bool may_overlap(const Match& a, const Match& b, std::span<const RouteShape> routes) {
  if (!share_an_api(a, b)) return false;
  if (names_operation(a) && names_operation(b)) {
    return a.operation == "*" || b.operation == "*" || a.operation == b.operation;
  }
  if (!names_operation(a) && !names_operation(b)) {
    const auto one = Pattern::parse(a.pattern);
    const auto other = Pattern::parse(b.pattern);
    return !one || !other || (share_a_method(a, b) && one->overlaps(*other));
  }
  const Match& named = names_operation(a) ? a : b;
  const Match& path = names_operation(a) ? b : a;
  if (named.operation == "*") return true;
  return std::ranges::any_of(
      routes, [&](const RouteShape& route) { return takes(named, route) && takes(path, route); });
}

// Each method by itself: two rules may share what one asks for.
std::vector<Match> one_method_each(const Match& match) {
  if (names_operation(match)) return {match};
  std::vector<Match> parts;
  for (const std::string& method : match.methods) {
    parts.push_back(match);
    parts.back().methods = {method};
  }
  return parts;
}

bool any_covers(std::span<const Permission> rules, bool allow, const Match& match,
                std::span<const RouteShape> routes) {
  return std::ranges::any_of(rules, [&](const Permission& rule) {
    return rule.allow == allow && covers(rule.match, match, routes);
  });
}

}  // namespace

bool covers(const Match& outer, const Match& inner, std::span<const RouteShape> routes) {
  if (outer.api != "*" && outer.api != inner.api) return false;
  if (names_operation(outer)) {
    return outer.operation == "*" || (names_operation(inner) && outer.operation == inner.operation);
  }
  if (names_operation(inner)) return covers_operation_by_pattern(outer, inner, routes);
  const auto wide = Pattern::parse(outer.pattern);
  const auto narrow = Pattern::parse(inner.pattern);
  return wide && narrow && takes_methods(outer, inner) && wide->contains(*narrow);
}

std::optional<std::string> beyond(std::span<const Permission> wanted,
                                  std::span<const Permission> own,
                                  std::span<const RouteShape> routes) {
  for (const Permission& permission : wanted) {
    if (!permission.allow) continue;
    for (const Match& part : one_method_each(permission.match)) {
      if (any_covers(wanted, false, part, routes)) continue;  // permits nothing
      if (!any_covers(own, true, part, routes)) return to_string(part);
      for (const Permission& denial : own) {
        if (denial.allow || !may_overlap(denial.match, part, routes)) continue;
        if (!any_covers(wanted, false, denial.match, routes)) {
          return to_string(part) + " without denying " + to_string(denial.match);
        }
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> without_effect(std::span<const Permission> permissions,
                                          std::span<const RouteShape> routes) {
  for (std::size_t i = 0; i < permissions.size(); ++i) {
    const Permission& one = permissions[i];
    const std::string text = to_string(one.match);
    const std::string verb = one.allow ? "allowed" : "denied";
    for (std::size_t j = 0; j < i; ++j) {
      if (permissions[j] == one) return text + " is " + verb + " twice";
    }
    if (one.allow) {
      for (const Permission& other : permissions) {
        if (!other.allow && covers(other.match, one.match, routes)) {
          return text + " is allowed in vain: " + to_string(other.match) +
                 " is denied, and a denial wins";
        }
      }
    }
    if (names_operation(one.match) || routes.empty()) continue;
    const auto same_api = [&one](const RouteShape& route) { return is_of(route, one.match); };
    if (std::ranges::any_of(routes, same_api) &&
        std::ranges::none_of(routes,
                             [&one](const RouteShape& r) { return may_meet(one.match, r); })) {
      return text + " can never match: no route of the API takes that method on such a path";
    }
  }
  return std::nullopt;
}

}  // namespace sallyport::access
