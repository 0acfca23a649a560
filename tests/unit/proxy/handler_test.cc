#include "proxy/handler.h"

#include <optional>

#include "proxy/proxy.h"
#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

Task<void> drive(http::Handler* handler, const http::Request* request, const Caller* caller,
                 http::BodyReader* body, std::optional<http::Response>* out) {
  auto result = co_await handler->handle(*request, *caller, *body);
  EXPECT_TRUE(result);
  if (result) out->emplace(std::move(*result));
}

class HandlerTest : public ProxyTest {
 protected:
  HandlerTest() {
    config.upstreams.push_back(settings);
    config.upstreams.push_back(settings);
    config.upstreams[1].name = "test";
    config::Api& one = config.apis.emplace_back();
    one.name = "orders";
    one.upstream = {"played", "test"};
    one.hosts.push_back({"api.test", "", {}});
    one.routes.emplace_back();
    request.host = "api.test";
    request.path = "/x";
  }
  void ask() {
    upstreams.clear();
    for (const auto& one : config.upstreams) {
      auto opened = Upstream::open(one, clock);
      ASSERT_TRUE(opened);
      upstreams.push_back(std::move(*opened));
    }
    proxy = std::make_unique<Proxy>(config, upstreams, sockets, clock, 1);
    task = drive(proxy->handler(config.apis[0], config.apis[0].routes[0]), &request, &caller, &body,
                 &response);
    task.start();
    settle();
  }
  void answer(std::string_view text) {
    until([this] { return played.accept(); });
    until([this] { return played.received().find("\r\n\r\n") != std::string::npos; });
    played.send(text);
    until([this] { return response.has_value(); });
  }

  config::Config config;
  http::Request request;
  Caller caller;
  GivenBody body;
  std::vector<std::unique_ptr<Upstream>> upstreams;
  std::unique_ptr<Proxy> proxy;
  std::optional<http::Response> response;
  Task<void> task;
};

TEST_F(HandlerTest, TheAnswerIsASourceOfItsBody) {
  ask();
  answer("HTTP/1.1 404 Not Found\r\nX-Own: 1\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_EQ(response->head.status(), 404);
  EXPECT_EQ(response->reason, Reason::UpstreamClientError);
  ASSERT_NE(response->source, nullptr);
  EXPECT_TRUE(response->source->fields().starts_with("X-Own: 1\r\n"));
  EXPECT_EQ(response->source->length(), 2U);
  EXPECT_EQ(response->source->ready(), "no");
  EXPECT_TRUE(response->source->ended());
  EXPECT_EQ(proxy->under_way(), 1U);
  response.reset();
  EXPECT_EQ(proxy->under_way(), 0U);
}

TEST_F(HandlerTest, WithoutAnAnswerThereIsAReasonAlone) {
  ask();
  answer("garbage\r\n\r\n");
  EXPECT_EQ(response->reason, Reason::UpstreamUnparsable);
  EXPECT_EQ(response->source, nullptr);
  EXPECT_TRUE(response->body.empty());
  EXPECT_EQ(proxy->under_way(), 0U);
}

TEST_F(HandlerTest, TheHostChoosesTheUpstreamExactBeforePattern) {
  config.upstreams[1].endpoints[0].port = 1;  // nobody listens
  auto& hosts = config.apis[0].hosts;
  hosts.push_back({"*.wide.test", "", {}});
  const struct {
    const char *host, *pattern, *exact;
    Reason reason;
    const char* why;
  } rows[] = {
      {"any.wide.test", "", "", Reason::Ok, "one upstream for all of them"},
      {"any.wide.test", "", "test", Reason::Ok, "the pattern's"},
      {"one.wide.test", "", "test", Reason::UpstreamRefused, "its own"},
      {"one.wide.test", "test", "played", Reason::Ok, "its own again"},
      {"any.wide.test", "test", "played", Reason::UpstreamRefused, "the pattern's again"},
      {"api.test", "test", "test", Reason::Ok, "the API's"},
  };
  for (const auto& row : rows) {
    hosts.resize(2, hosts[0]);
    hosts[1].upstream.live = row.pattern;
    hosts.push_back({"one.wide.test", "", {}});
    hosts[2].upstream.live = row.exact;
    request.host = row.host;
    response.reset();
    ask();
    if (row.reason == Reason::Ok) answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    until([this] { return response.has_value(); });
    EXPECT_EQ(response->reason, row.reason) << row.why;
  }
}

TEST_F(HandlerTest, TheEnvironmentOfTheKeyChoosesTheUpstream) {
  config.upstreams[1].endpoints[0].port = 1;
  caller.environment = Environment::Test;
  ask();
  until([this] { return response.has_value(); });
  EXPECT_EQ(response->reason, Reason::UpstreamRefused);
  EXPECT_FALSE(played.accept());
}

TEST_F(HandlerTest, AnAsteriskIsNoPathThatARouteAuthorises) {
  request.method = http::Method::Options;
  request.path = "*";
  ask();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->reason, Reason::NotCanonical);
}

}  // namespace
}  // namespace sallyport::proxy
