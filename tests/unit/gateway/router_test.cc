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

TEST(Origin, IsNormal) {
  EXPECT_EQ(origin_of("https://API.test:443/x"), "https://api.test");
  EXPECT_EQ(origin_of("https://api.test:8443"), "https://api.test:8443");
  EXPECT_EQ(origin_of("http://api.test:80"), "http://api.test");
  EXPECT_EQ(origin_of("http://api.test:443"), "http://api.test:443");
  EXPECT_EQ(origin_of("null"), "null");
}

}  // namespace
}  // namespace sallyport::gateway
