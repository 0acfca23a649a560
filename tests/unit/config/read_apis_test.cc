#include "config/read_apis.h"

#include <gtest/gtest.h>

#include "support/golden.h"

namespace sallyport::config {
namespace {

using std::chrono::milliseconds;

TEST(ParseEndpoint, TakesSchemeHostAndPort) {
  const struct {
    const char* text;
    const char* host;
    int port;
    bool tls;
  } cases[] = {
      {"http://127.0.0.1:8080", "127.0.0.1", 8080, false},
      {"https://Orders.Internal", "orders.internal", 443, true},
      {"http://orders", "orders", 80, false},
      {"http://[::1]:81", "::1", 81, false},
  };
  for (const auto& one : cases) {
    Endpoint endpoint;
    bool tls = false;
    ASSERT_TRUE(parse_endpoint(one.text, endpoint, tls)) << one.text;
    EXPECT_EQ(endpoint.host, one.host);
    EXPECT_EQ(endpoint.port, one.port);
    EXPECT_EQ(tls, one.tls);
  }
  for (const char* bad :
       {"", "a", "a:80", "ftp://a", "http://", "http://a/", "http://a/b", "http://a:", "http://a:0",
        "http://a:65536", "http://a:8x", "http://u@a", "http://[::1", "http://[a]", "http://a b"}) {
    Endpoint endpoint;
    bool tls = false;
    EXPECT_FALSE(parse_endpoint(bad, endpoint, tls)) << bad;
  }
}

TEST(ParseHeaderValue, IsSplitAtTheFirstColon) {
  HeaderValue header;
  ASSERT_TRUE(parse_header_value("X-Time:  12:30 ", header));
  EXPECT_EQ(header.name, "X-Time");
  EXPECT_EQ(header.value, "12:30");
  for (const char* bad : {"", "X", ": a", "X:", "X:  "}) {
    EXPECT_FALSE(parse_header_value(bad, header)) << bad;
  }
}

TEST(ReadUpstreams, EveryKeyReachesItsField) {
  const Config config =
      parse(test::read_text(test::golden_path("config/full.toml")), "/etc/x.toml").config;
  ASSERT_EQ(config.upstreams.size(), 2U);
  const Upstream& upstream = config.upstreams[0];
  EXPECT_EQ(upstream.name, "orders");
  ASSERT_EQ(upstream.endpoints.size(), 2U);
  EXPECT_EQ(upstream.endpoints[0].host, "orders.internal");
  EXPECT_EQ(upstream.endpoints[0].port, 8443);
  EXPECT_EQ(upstream.endpoints[1].host, "::1");
  EXPECT_EQ(upstream.endpoints[1].port, 443);
  EXPECT_TRUE(upstream.tls_enabled);
  EXPECT_EQ(upstream.balance, Balance::LeastRequest);
  EXPECT_EQ(upstream.host, "orders.example.com:8443");
  EXPECT_EQ(upstream.kept_connections, 7U);
  EXPECT_EQ(upstream.kept_timeout, milliseconds(20'000));
  EXPECT_EQ(upstream.max_in_flight, 50U);
  EXPECT_EQ(upstream.retry_percent, 5U);
  EXPECT_EQ(upstream.tls.ca_file, "/etc/tls/internal.pem");
  EXPECT_EQ(upstream.tls.server_name, "orders.internal");
  EXPECT_EQ(upstream.tls.certificate, "/etc/tls/client.pem");
  EXPECT_EQ(upstream.tls.key, "/etc/tls/client.key");
  EXPECT_EQ(upstream.health.path, "/healthz?deep=1");
  EXPECT_EQ(upstream.health.interval, milliseconds(1'000));
  EXPECT_EQ(upstream.health.timeout, milliseconds(200));
  EXPECT_EQ(upstream.health.healthy_after, 1U);
  EXPECT_EQ(upstream.health.unhealthy_after, 4U);
  EXPECT_EQ(upstream.ejection.failures, 3U);
  EXPECT_EQ(upstream.ejection.duration, milliseconds(7'000));
  EXPECT_EQ(upstream.ejection.most_percent, 30U);
  EXPECT_EQ(upstream.credential.header, "x-gateway-token");
  EXPECT_EQ(upstream.credential.secret_file, "/etc/secrets/orders.token");
  EXPECT_EQ(upstream.assertion.audience, "orders.internal");
}

TEST(ReadApis, EveryKeyOfARouteReachesItsField) {
  const Config config =
      parse(test::read_text(test::golden_path("config/full.toml")), "/etc/x.toml").config;
  ASSERT_EQ(config.apis.size(), 3U);
  const Api& api = config.apis[2];
  EXPECT_TRUE(api.engine.empty()) << "its routes lead to upstreams";
  EXPECT_EQ(api.upstream.live, "orders");
  EXPECT_EQ(api.upstream.test, "orders-test");
  ASSERT_EQ(api.hosts.size(), 1U);
  EXPECT_EQ(api.hosts[0].upstream.live, "orders");
  EXPECT_EQ(api.hosts[0].upstream.test, "orders-test");
  ASSERT_EQ(api.routes.size(), 2U);
  ASSERT_TRUE(api.routes[1].access);
  EXPECT_EQ(api.routes[1].access->doors, Doors::KeyAndUser) << "the API's";
  EXPECT_EQ(api.routes[1].access->auth, std::vector{Scheme::Basic});
  const Route& route = api.routes[0];
  ASSERT_TRUE(route.access);
  EXPECT_EQ(route.access->doors, Doors::KeyOnly);
  EXPECT_TRUE(route.access->auth.empty());
  EXPECT_EQ(route.path, "/orders/**");
  EXPECT_EQ(route.methods, (std::vector<std::string>{"GET", "POST"}));
  EXPECT_EQ(route.operation, "orders.use");
  EXPECT_EQ(route.upstream.live, "orders");
  EXPECT_EQ(route.upstream.test, "orders-test");
  EXPECT_EQ(route.strip_prefix, "/orders");
  EXPECT_EQ(route.add_prefix, "/v2");
  EXPECT_EQ(route.connect_timeout, milliseconds(1'000));
  EXPECT_EQ(route.head_timeout, milliseconds(2'000));
  EXPECT_EQ(route.body_timeout, milliseconds(3'000));
  EXPECT_EQ(route.total_timeout, milliseconds(4'000));
  EXPECT_EQ(route.retries, 3U);
  EXPECT_EQ(route.body_bytes, 1'000'000'000U);
  EXPECT_TRUE(route.trailers);
  EXPECT_TRUE(route.forward_authorization);
  EXPECT_TRUE(route.forward_key);
  EXPECT_EQ(route.keep, (KeptInPath{true, true}));
  EXPECT_EQ(route.overrides, std::vector<std::string>{"x-http-method-override"});
  EXPECT_EQ(route.request_headers.remove, std::vector<std::string>{"cookie"});
  ASSERT_EQ(route.request_headers.set.size(), 1U);
  EXPECT_EQ(route.request_headers.set[0].name, "X-Region");
  EXPECT_EQ(route.request_headers.set[0].value, "eu");
  EXPECT_EQ(route.response_headers.remove, std::vector<std::string>{"server"});
  ASSERT_EQ(route.response_headers.set.size(), 1U);
  EXPECT_EQ(route.response_headers.set[0].name, "X-Frame-Options");
  EXPECT_EQ(api.cors.origins, std::vector<std::string>{"https://shop.example.com"});
  EXPECT_EQ(api.cors.methods, std::vector<std::string>{"GET"});
  EXPECT_EQ(api.cors.headers, std::vector<std::string>{"X-Shop"});
  EXPECT_EQ(api.cors.expose_headers, std::vector<std::string>{"Location"});
  EXPECT_EQ(api.cors.max_age, milliseconds(60'000));
}

TEST(ReadApis, AnUpstreamWithoutRoutesTakesEverything) {
  const Config config =
      parse("[[api]]\nname='a'\nupstream='u'\n[[api]]\nname='b'\n", "x.toml").config;
  ASSERT_EQ(config.apis.size(), 2U);
  ASSERT_EQ(config.apis[0].routes.size(), 1U);
  EXPECT_EQ(config.apis[0].routes[0].path, "/**");
  EXPECT_TRUE(config.apis[0].routes[0].methods.empty());
  EXPECT_TRUE(config.apis[0].engine.empty());
  EXPECT_EQ(config.apis[1].engine, "messaging") << "what answers when no upstream is named";
  EXPECT_TRUE(config.apis[1].routes.empty());
}

}  // namespace
}  // namespace sallyport::config
