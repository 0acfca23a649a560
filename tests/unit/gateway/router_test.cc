#include "gateway/router.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

using http::Method;

class RouterTest : public DoorsFixture {
 protected:
  RouteMatch match(Method method, std::string target, std::string host = "api.test",
                   std::string sni = "") {
    Sent sent;
    sent.method = method;
    sent.target = std::move(target);
    sent.host = std::move(host);
    sni_ = std::move(sni);
    sent.sni = sni_;
    parse(sent);
    request_.sni = sni_;
    return router_->match(request_);
  }
  std::string sni_;
};

TEST_F(RouterTest, FindsRoutes) {
  const struct {
    Method method;
    const char* target;
    Reason reason;
    const char* operation;
    const char* why;
  } rows[] = {
      {Method::Get, "/", Reason::Ok, "company.get", "the root"},
      {Method::Get, "/messages", Reason::Ok, "messages.list", "a collection"},
      {Method::Get, "/messages/", Reason::Ok, "messages.list", "a trailing slash"},
      {Method::Head, "/messages", Reason::Ok, "messages.list", "HEAD goes where GET goes"},
      {Method::Options, "/messages", Reason::Ok, "messages.list", "OPTIONS too"},
      {Method::Post, "/messages", Reason::Ok, "messages.create", "by method"},
      {Method::Get, "/messages/1", Reason::Ok, "messages.get", "one element"},
      {Method::Get, "/Messages", Reason::NoRoute, "", "case-sensitive"},
      {Method::Get, "/messagesX", Reason::NoRoute, "", "whole segments"},
      {Method::Get, "/nothing/here", Reason::NoRoute, "", "no such path"},
      {Method::Put, "/messages", Reason::MethodNotAllowed, "", "no such method"},
      {Method::Delete, "/messages", Reason::MethodNotAllowed, "", "nor this"},
      {Method::Delete, "/messages/", Reason::NotCanonical, "", "an empty id deletes nothing"},
      {Method::Delete, "/messages/1/", Reason::MethodNotAllowed, "", "an element is no collection"},
      {Method::Trace, "/messages", Reason::MethodNotAllowed, "", "TRACE"},
      {Method::Trace, "/nothing", Reason::MethodNotAllowed, "", "TRACE of anything"},
      {Method::Connect, "/messages", Reason::MethodNotAllowed, "", "CONNECT"},
  };
  for (const auto& row : rows) {
    const RouteMatch found = match(row.method, row.target);
    EXPECT_EQ(to_string(found.reason), to_string(row.reason)) << row.target << ": " << row.why;
    if (found.route != nullptr) {
      EXPECT_EQ(found.route->operation, row.operation) << row.why;
    }
  }
}

TEST_F(RouterTest, AllowNamesWhatThePathTakes) {
  EXPECT_EQ(match(Method::Put, "/messages").allow, "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(match(Method::Put, "/messages/1").allow, "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, HostsAndServerNames) {
  const struct {
    const char *host, *sni;
    Reason reason;
    const char* why;
  } rows[] = {
      {"api.test", "", Reason::Ok, "no server name was sent"},
      {"API.Test.:8443", "api.test", Reason::Ok, "case, dot and port do not count"},
      {"eu.test", "api.test", Reason::Ok, "another host of the same configuration"},
      {"other.test", "", Reason::Misdirected, "an unknown host"},
      {"other.test", "api.test", Reason::Misdirected, "an unknown host under a known name"},
      {"api.test", "other.test", Reason::Misdirected, "a known host under an unknown name"},
      {"xapi.test", "", Reason::Misdirected, "no suffix"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(to_string(match(Method::Get, "/", row.host, row.sni).reason), to_string(row.reason))
        << row.why;
  }
}

TEST_F(RouterTest, ThePublicUrlIsTheConfiguredOneOrTheHosts) {
  EXPECT_EQ(router_->host("api.test")->public_url, "https://api.test:8443");
  EXPECT_EQ(router_->host("eu.test")->public_url, "https://eu.test");
}

TEST_F(RouterTest, TheWorkspaceStandsInThePath) {
  EXPECT_EQ(match(Method::Get, "/workspaces/A/messages").route->workspace_segment, 1U);
  EXPECT_EQ(match(Method::Get, "/messages").route->workspace_segment, Route::kNoSegment);
}

TEST(RouterBuild, WhatCannotBeRouted) {
  const access::Catalog catalog({"a"}, {});
  config::Api api;
  api.name = "a";
  api.hosts = {{"h.test", "", {}}};
  EXPECT_FALSE(Router::build({{api, {{Method::Get, "no-slash", "", nullptr}}}}, catalog));
  EXPECT_FALSE(Router::build(
      {{api, {{Method::Get, "/x", "", nullptr}, {Method::Get, "/x", "", nullptr}}}}, catalog));
  EXPECT_FALSE(Router::build({{api, {}}, {api, {}}}, catalog)) << "one host, two APIs";
}

// Routes that keep nothing, parameters, encoded slashes.
class KeptTest : public RouterTest {
 protected:
  KeptTest() {
    config::Api api;
    api.name = "messaging";
    api.hosts = {{"api.test", "", {}}};
    std::vector<RouteSpec> routes = {{Method::Get, "/plain/{x}", "", &handler_},
                                     {Method::Get, "/both/**", "", &handler_},
                                     {Method::Get, "/slashes/{x}", "", &handler_},
                                     {Method::Get, "/parameters/{x}", "", &handler_}};
    routes[1].keep = {true, true};
    routes[2].keep = {true, false};
    routes[3].keep = {false, true};
    routes.push_back({Method::Get, "/o", "", &handler_});
    routes.push_back({Method::Post, "/o", "", &handler_});
    routes.push_back({Method::Delete, "/o", "", &handler_});
    routes.push_back({Method::Put, "/o", "", &handler_});
    routes.push_back({Method::Delete, "/all/**", "", &handler_});
    routes.push_back({Method::Delete, "/all/{x}", "", &handler_});
    for (const std::size_t at : {5U, 6U}) {
      routes[at].overrides = {"x-http-method-override", "x-http-method"};
    }
    auto built = Router::build({{api, routes}}, policy_.catalog());
    EXPECT_TRUE(built.has_value());
    router_ = std::move(*built);
  }
  RouteMatch claiming(Method method, std::vector<http::Field> overrides) {
    Sent sent;
    sent.method = method;
    sent.target = "/o";
    parse(sent);
    request_.overrides = std::move(overrides);
    return router_->match(request_);
  }
};

TEST_F(KeptTest, WhatServersDisagreeAboutPassesWhereItsRouteKeepsIt) {
  const struct {
    const char* target;
    Reason reason;
  } rows[] = {
      {"/plain/a", Reason::Ok},
      {"/plain/a%2Fb", Reason::NotCanonical},
      {"/plain/a;v", Reason::NotCanonical},
      {"/plain;v/a", Reason::NotCanonical},
      {"/both/a%2Fb;v/c", Reason::Ok},
      {"/slashes/a%2Fb", Reason::Ok},
      {"/slashes/a;v", Reason::NotCanonical},
      {"/parameters/a;v", Reason::Ok},
      {"/parameters/a;v%2Fb", Reason::NotCanonical},
      {"/parameters/a%2Fb", Reason::NotCanonical},
      {"/nowhere/a%2Fb", Reason::NotCanonical},
      {"/nowhere;v", Reason::NotCanonical},
      {"/nowhere", Reason::NoRoute},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(to_string(match(Method::Get, row.target).reason), to_string(row.reason))
        << row.target;
  }
  EXPECT_EQ(match(Method::Get, "/a%2Fb", "nowhere.test").reason, Reason::NotCanonical);
  EXPECT_EQ(match(Method::Post, "/both/a%2Fb").reason, Reason::NotCanonical);
}

TEST_F(KeptTest, AnEmptyIdDeletesNothingWhereNobodyKnowsWhatIsACollection) {
  EXPECT_EQ(match(Method::Delete, "/all/").reason, Reason::NotCanonical);
  EXPECT_EQ(match(Method::Delete, "/all/1/parts/").reason, Reason::NotCanonical);
  EXPECT_EQ(match(Method::Delete, "/all/1/parts").reason, Reason::Ok);
  EXPECT_EQ(match(Method::Delete, "/all/1/").reason, Reason::Ok) << "an element, says its route";
}

TEST_F(KeptTest, AMethodIsBelievedWhereTheRouteOfThatMethodListsTheField) {
  const char* listed = "x-http-method-override";
  const struct {
    Method method;
    std::vector<http::Field> overrides;
    Reason reason;
    Method holds;
    const char* why;
  } rows[] = {
      {Method::Post, {}, Reason::Ok, Method::Post, "none"},
      {Method::Post, {{listed, "DELETE"}}, Reason::Ok, Method::Delete, "believed"},
      {Method::Get, {{listed, "DELETE"}}, Reason::Ok, Method::Delete, "whatever was sent"},
      {Method::Post, {{listed, "PUT"}}, Reason::Ok, Method::Post, "PUT does not list it"},
      {Method::Post, {{listed, "PATCH"}}, Reason::MethodNotAllowed, Method::Patch, "not taken"},
      {Method::Post, {{"x-method-override", "DELETE"}}, Reason::Ok, Method::Post, "not listed"},
      {Method::Post, {{"x_http_method", "DELETE"}}, Reason::Ok, Method::Post, "another name"},
      {Method::Post, {{listed, "delete"}}, Reason::NotCanonical, {}, "case"},
      {Method::Post, {{listed, ""}}, Reason::NotCanonical, {}, "empty"},
      {Method::Post, {{listed, "HEAD"}}, Reason::NotCanonical, {}, "another kind of answer"},
      {Method::Post, {{listed, "TRACE"}}, Reason::NotCanonical, {}, "never"},
      {Method::Head, {{listed, "DELETE"}}, Reason::NotCanonical, {}, "its answer has no body"},
      {Method::Post, {{listed, "DELETE"}, {listed, "DELETE"}}, Reason::NotCanonical, {}, "twice"},
      {Method::Post,
       {{listed, "DELETE"}, {"x-http-method", "POST"}},
       Reason::NotCanonical,
       {},
       "two that differ"},
  };
  for (const auto& row : rows) {
    const RouteMatch found = claiming(row.method, row.overrides);
    EXPECT_EQ(to_string(found.reason), to_string(row.reason)) << row.why;
    if (row.reason == Reason::NotCanonical) continue;
    EXPECT_EQ(to_string(found.method), to_string(row.holds)) << row.why;
    EXPECT_EQ(found.overriding != nullptr, row.holds != row.method) << row.why;
    if (found.route != nullptr) {
      EXPECT_EQ(found.route->method, row.holds) << row.why;
    }
  }
}

TEST(Origin, IsNormal) {
  EXPECT_EQ(origin_of("https://API.test:443/x"), "https://api.test");
  EXPECT_EQ(origin_of("https://api.test:8443"), "https://api.test:8443");
  EXPECT_EQ(origin_of("http://api.test:80"), "http://api.test");
  EXPECT_EQ(origin_of("http://api.test:443"), "http://api.test:443");
  EXPECT_EQ(origin_of("null"), "null");
}

}  // namespace
}  // namespace sallyport::gateway
