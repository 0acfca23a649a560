// Any target on any route: what is forwarded reads back as the very path that was authorised, with
// its prefix rewritten, and no pair of the query that carries the key is left.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "access/pattern.h"
#include "base/encoding.h"
#include "base/result.h"
#include "config/config.h"
#include "http/canonical.h"
#include "proxy/request_head.h"

namespace {

using namespace sallyport;

void check_forwarded(const http::Request& request, const config::Api& api,
                     const config::Route& route) {
  std::string target;
  proxy::append_target(target, proxy::ForwardRules(api, route), request);
  http::Request again;
  SALLYPORT_CHECK(http::make_canonical(again, target, "api.test") == nullptr);
  const std::string_view own = route.add_prefix;
  std::string expected(own);
  std::string_view rest = request.path;
  if (!route.strip_prefix.empty() &&
      (request.path == route.strip_prefix || request.path.starts_with(route.strip_prefix + "/"))) {
    rest.remove_prefix(route.strip_prefix.size());
  }
  expected += rest;
  if (expected.empty()) expected = "/";
  // Canonical already: an upstream that makes it so once more sees the same.
  SALLYPORT_CHECK(again.path == expected);
  for (const http::QueryPair& pair : again.pairs) {
    SALLYPORT_CHECK(!equal_ascii_case(pair.name, "apikey"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view target(reinterpret_cast<const char*>(bytes), size);
  http::Request request;
  if (http::make_canonical(request, target, "api.test") != nullptr || request.path == "*") return 0;
  config::Api api;
  api.key.queries = {"apikey"};
  for (const auto& [path, strip, add] : {std::tuple("/**", "", ""), std::tuple("/a/**", "/a", ""),
                                         std::tuple("/a/{x}/**", "/a", "/v2/b")}) {
    const auto pattern = access::Pattern::parse(path);
    SALLYPORT_CHECK(pattern.has_value());
    if (!pattern->matches(request.segments)) continue;
    config::Route route;
    route.path = path;
    route.strip_prefix = strip;
    route.add_prefix = add;
    check_forwarded(request, api, route);
  }
  return 0;
}
