#include "proxy/request_head.h"

#include <gtest/gtest.h>

#include "http/canonical.h"

namespace sallyport::proxy {
namespace {

struct Sent {
  std::string target = "/x";
  std::vector<http::Field> fields;
  http::Method method = http::Method::Get;
};

class RequestHeadTest : public testing::Test {
 protected:
  RequestHeadTest() {
    api.key.queries = {"apikey"};
    caller.account.value = 0xA1;
    caller.application.value = 0xB2;
    caller.user.value = 0xC3;
    caller.roles = "\"sender\"";
  }
  std::string head(const Sent& sent, const UpstreamWords& words = {}) {
    http::Request request;
    request.method = sent.method;
    request.fields = sent.fields;
    request.client = *IpAddress::parse("192.0.2.7");
    request.request_id = "id";
    EXPECT_EQ(http::make_canonical(request, sent.target, "api.test:8443"), nullptr) << sent.target;
    std::string out;
    append_request_head(out, ForwardRules(api, route), words, request, caller);
    return out;
  }
  std::string target(const std::string& asked) {
    const std::string whole = head({asked, {}, http::Method::Get});
    return whole.substr(4, whole.find(" HTTP/1.1\r\n") - 4);
  }

  config::Api api;
  config::Route route;
  Caller caller;
};

TEST_F(RequestHeadTest, IsWrittenWhole) {
  EXPECT_EQ(head({"/a?b=c",
                  {{"accept", "*/*"}, {"x-api-key", "k"}, {"authorization", "Basic x"}},
                  http::Method::Get}),
            "GET /a?b=c HTTP/1.1\r\n"
            "Host: api.test\r\n"
            "accept: */*\r\n"
            "X-Request-Id: id\r\n"
            "X-Sallyport-Account: 00000000000000A1\r\n"
            "X-Sallyport-Application: 00000000000000B2\r\n"
            "X-Sallyport-Environment: live\r\n"
            "X-Sallyport-User: 00000000000000C3\r\n"
            "X-Sallyport-Roles: \"sender\"\r\n"
            "X-Forwarded-For: 192.0.2.7\r\n"
            "X-Forwarded-Proto: https\r\n"
            "X-Forwarded-Host: api.test\r\n"
            "Forwarded: for=192.0.2.7;host=\"api.test\";proto=https\r\n"
            "\r\n");
}

TEST_F(RequestHeadTest, WhomNoDoorKnowsIsNotNamed) {
  caller = {};
  EXPECT_EQ(head({"/", {}, http::Method::Get}).find("X-Sallyport-"), std::string::npos);
  caller.account = AccountId{0xA1};  // of a user, without a key
  caller.user = UserId{0xC3};
  const std::string written = head({"/", {}, http::Method::Get});
  EXPECT_NE(written.find("X-Sallyport-Account: 00000000000000A1\r\n"), std::string::npos);
  EXPECT_EQ(written.find("X-Sallyport-Application"), std::string::npos) << written;
  EXPECT_EQ(written.find("X-Sallyport-Environment"), std::string::npos) << written;
}

TEST_F(RequestHeadTest, TheAssertionIsOursAlone) {
  const std::string written =
      head({"/", {{"x-sallyport-assertion", "theirs"}}, http::Method::Get}, {{}, {}, {}, "ours"});
  EXPECT_NE(written.find("X-Sallyport-Assertion: ours\r\n"), std::string::npos) << written;
  EXPECT_EQ(written.find("theirs"), std::string::npos) << written;
}

TEST_F(RequestHeadTest, ParametersInsideTheStrippedPrefixLeaveNoTarget) {
  route.strip_prefix = "/a";
  const ForwardRules rules(api, route);
  for (const auto& [asked, has] : {std::pair("/a/b;v", true), std::pair("/a", true),
                                   std::pair("/a;v/b", false), std::pair("/a;v", false)}) {
    http::Request request;
    const std::string text = asked;
    ASSERT_EQ(http::make_canonical(request, text, "api.test"), nullptr);
    EXPECT_EQ(has_target(rules, request), has) << asked;
  }
  EXPECT_EQ(target("/a/b;v=1/c%2Fd"), "/b;v=1/c%2Fd");
}

TEST_F(RequestHeadTest, TheKeysPairsAreLeftOutAndNothingElse) {
  const struct {
    const char* asked;
    const char* forwarded;
  } cases[] = {
      {"/x?apikey=k", "/x"},
      {"/x?a=1&apikey=k", "/x?a=1"},
      {"/x?apikey=k&a=1", "/x?a=1"},
      {"/x?a&&b&%61pikey=k&", "/x?a&&b&"},
      {"/x?APIKEY=k&apikeys=2", "/x?apikeys=2"},
      {"/x?d=24%2F11%2F2026", "/x?d=24%2F11%2F2026"},
      {"/x?", "/x"},
      {"/x?a=%zz", "/x?a=%zz"},
  };
  for (const auto& one : cases) EXPECT_EQ(target(one.asked), one.forwarded) << one.asked;
  route.forward_key = true;
  EXPECT_EQ(target("/x?a=1&apikey=k"), "/x?a=1&apikey=k");
}

TEST_F(RequestHeadTest, APrefixIsRewrittenAtASegmentsEnd) {
  route.path = "/old/**";
  route.strip_prefix = "/old";
  route.add_prefix = "/v2/new";
  EXPECT_EQ(target("/old/a?b"), "/v2/new/a?b");
  EXPECT_EQ(target("/old"), "/v2/new");
  EXPECT_EQ(target("/old/"), "/v2/new/");
  EXPECT_EQ(target("/older/a"), "/v2/new/older/a");
  route.add_prefix.clear();
  EXPECT_EQ(target("/old"), "/");
  EXPECT_EQ(target("/old/"), "/");
  EXPECT_EQ(target("/old/old"), "/old");
}

TEST_F(RequestHeadTest, WhatTheRouteSetsStandsInPlaceOfTheClients) {
  route.request_headers.set = {{"X-Region", "eu"}};
  route.request_headers.remove = {"cookie"};
  const std::string text =
      head({"/x",
            {{"x_region", "us"}, {"cookie", "a"}, {"x-token", "mine"}, {"x", "1"}},
            http::Method::Get},
           {"orders.internal", "x-token", "secret"});
  EXPECT_NE(text.find("X-Region: eu\r\n"), std::string::npos);
  EXPECT_NE(text.find("x-token: secret\r\n"), std::string::npos);
  EXPECT_NE(text.find("Host: orders.internal\r\n"), std::string::npos);
  EXPECT_NE(text.find("\r\nx: 1\r\n"), std::string::npos);
  for (const char* gone : {"us\r\n", "cookie", "mine"}) {
    EXPECT_EQ(text.find(gone), std::string::npos) << gone;
  }
}

TEST_F(RequestHeadTest, ConnectionNamesWhatIsOfThisHopAndNothingOfOurs) {
  const std::string text =
      head({"/x",
            {{"connection", "x-hop, host, x-sallyport-user, content-length"}, {"x-hop", "1"}},
            http::Method::Post});
  EXPECT_EQ(text.find("x-hop"), std::string::npos);
  EXPECT_NE(text.find("Host: api.test\r\n"), std::string::npos);
  EXPECT_NE(text.find("X-Sallyport-User: 00000000000000C3\r\n"), std::string::npos);
  EXPECT_NE(text.find("Content-Length: 0\r\n"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::proxy
