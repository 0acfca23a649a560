#include "http/head_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

// Scans and parses as the connection does.
HeadFault read_head(std::string bytes, Request& request, std::string& storage) {
  const config::Limits limits;
  storage = std::move(bytes);
  HeadScanner scanner(limits);
  HeadFault fault;
  if (!scanner.scan(storage, fault)) {
    return fault.reason == Reason::Ok ? HeadFault{Reason::HeadTimeout, "incomplete"} : fault;
  }
  ParsedHead head;
  fault =
      parse_head(storage.data() + scanner.begin(), scanner.end() - scanner.begin(), request, head);
  if (fault.reason != Reason::Ok) return fault;
  return apply_head_rules(head, limits, request);
}

struct Case {
  const char* what;
  std::string head;
  Reason reason;
};

TEST(HeadRules, EveryFaultHasItsReason) {
  const std::string host = "Host: a\r\n";
  const Case cases[] = {
      {"the least", "GET / HTTP/1.1\r\n" + host + "\r\n", Reason::Ok},
      {"an empty line in front", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n", Reason::Ok},
      {"three in front", "\r\n\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", Reason::MalformedHead},
      {"bare LF", "GET / HTTP/1.1\n" + host + "\r\n", Reason::MalformedHead},
      {"bare CR", "GET / HTTP/1.1\r\nA: b\rc\r\n" + host + "\r\n", Reason::MalformedHead},
      {"no version", "GET /\r\n" + host + "\r\n", Reason::MalformedHead},
      {"two blanks", "GET  / HTTP/1.1\r\n" + host + "\r\n", Reason::MalformedHead},
      {"method is no token", "G(T / HTTP/1.1\r\n" + host + "\r\n", Reason::MalformedHead},
      {"lower case version", "GET / http/1.1\r\n" + host + "\r\n", Reason::MalformedHead},
      {"HTTP/2.0", "GET / HTTP/2.0\r\n" + host + "\r\n", Reason::VersionUnsupported},
      {"HTTP/0.9", "GET / HTTP/0.9\r\n" + host + "\r\n", Reason::VersionUnsupported},
      {"unknown method", "FROB / HTTP/1.1\r\n" + host + "\r\n", Reason::MethodUnknown},
      {"lower case method", "get / HTTP/1.1\r\n" + host + "\r\n", Reason::MethodUnknown},
      {"TRACE", "TRACE / HTTP/1.1\r\n" + host + "\r\n", Reason::MethodNotAllowed},
      {"CONNECT", "CONNECT a:1 HTTP/1.1\r\n" + host + "\r\n", Reason::MethodNotAllowed},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", Reason::MalformedHead},
      {"two Hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", Reason::MalformedHead},
      {"bad Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", Reason::MalformedHead},
      {"folded", "GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n", Reason::MalformedHead},
      {"blank before colon", "GET / HTTP/1.1\r\n" + host + "A : b\r\n\r\n", Reason::MalformedHead},
      {"empty name", "GET / HTTP/1.1\r\n" + host + ": b\r\n\r\n", Reason::MalformedHead},
      {"no colon", "GET / HTTP/1.1\r\n" + host + "A\r\n\r\n", Reason::MalformedHead},
      {"NUL in a value", "GET / HTTP/1.1\r\n" + host + std::string("A: b\0c\r\n\r\n", 10),
       Reason::MalformedHead},
      {"length and chunked",
       "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       Reason::BadFraming},
      {"chunked twice",
       "POST / HTTP/1.1\r\n" + host +
           "Transfer-Encoding: chunked\r\n"
           "Transfer-Encoding: chunked\r\n\r\n",
       Reason::BadFraming},
      {"gzip, chunked", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n",
       Reason::BadFraming},
      {"chunked, HTTP/1.0", "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n",
       Reason::BadFraming},
      {"chunked in any case", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: ChunKed\r\n\r\n",
       Reason::Ok},
      {"length twice",
       "POST / HTTP/1.1\r\n" + host +
           "Content-Length: 1\r\nContent-Length: 1\r\n"
           "\r\n",
       Reason::BadFraming},
      {"length 1,1", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1,1\r\n\r\n",
       Reason::BadFraming},
      {"length +1", "POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\n",
       Reason::BadFraming},
      {"length 0x1", "POST / HTTP/1.1\r\n" + host + "Content-Length: 0x1\r\n\r\n",
       Reason::BadFraming},
      {"length empty", "POST / HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n",
       Reason::BadFraming},
      {"length 2^64", "POST / HTTP/1.1\r\n" + host + "Content-Length: 18446744073709551616\r\n\r\n",
       Reason::BadFraming},
      {"expectation", "POST / HTTP/1.1\r\n" + host + "Expect: magic\r\n\r\n",
       Reason::ExpectationUnknown},
      {"path", "GET /../x HTTP/1.1\r\n" + host + "\r\n", Reason::NotCanonical},
      {"long target", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
       Reason::TargetTooLong},
      {"target just over", "GET /" + std::string(8192, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
       Reason::TargetTooLong},
      {"target just fits", "GET /" + std::string(8191, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
       Reason::Ok},
      {"big head", "GET / HTTP/1.1\r\n" + host + "A: " + std::string(20'000, 'a') + "\r\n\r\n",
       Reason::HeadTooLarge},
      {"endless name", "GET / HTTP/1.1\r\n" + host + std::string(70'000, 'a'),
       Reason::HeadTooLarge},
      {"incomplete", "GET / HTTP/1.1\r\n" + host, Reason::HeadTimeout},
  };
  for (const Case& c : cases) {
    Request request;
    std::string storage;
    const HeadFault fault = read_head(c.head, request, storage);
    EXPECT_EQ(to_string(fault.reason), to_string(c.reason)) << c.what << ": " << fault.detail;
  }
}

TEST(HeadRules, CountsFields) {
  for (const int fields : {99, 100, 101, 5000}) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 1; i < fields; ++i) head += "A: b\r\n";
    Request request;
    std::string storage;
    const HeadFault fault = read_head(head + "\r\n", request, storage);
    EXPECT_EQ(fault.reason == Reason::Ok, fields <= 100) << fields;
    if (fields > 100) {
      EXPECT_EQ(fault.reason, Reason::HeadTooLarge);
    }
  }
}

TEST(HeadRules, FillsTheRequest) {
  Request request;
  std::string storage;
  const HeadFault fault = read_head(
      "POST /messages?x=1 HTTP/1.1\r\nHost: API.example.com:443\r\nX-API-Key:  k \t\r\n"
      "X-Request-Id: abc-123_4.5\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n"
      "Connection: foo, close\r\nX-HTTP-Method-Override: DELETE\r\nX-Original-URL: /admin\r\n\r\n",
      request, storage);
  ASSERT_EQ(fault.reason, Reason::Ok) << fault.detail;
  EXPECT_EQ(request.method, Method::Post);
  EXPECT_EQ(request.host, "api.example.com");
  EXPECT_EQ(request.path, "/messages");
  EXPECT_EQ(request.field("x-api-key"), "k");
  EXPECT_EQ(request.client_request_id, "abc-123_4.5");
  EXPECT_EQ(request.framing, Framing::Length);
  EXPECT_EQ(request.content_length, 12U);
  EXPECT_TRUE(request.expect_continue);
  EXPECT_FALSE(request.keep_alive);
  EXPECT_FALSE(request.field("x-http-method-override")) << "overrides are dropped";
  EXPECT_FALSE(request.field("x-original-url"));
  ASSERT_EQ(request.overrides.size(), 2U) << "for the one route that may list them";
  EXPECT_EQ(request.overrides[0].name, "x-http-method-override");
  EXPECT_EQ(request.overrides[0].value, "DELETE");
}

TEST(HeadRules, OverridesAreDroppedInEverySpelling) {
  for (const char* name :
       {"X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE", "X-Original-Url",
        "X-Rewrite-URL", "X_HTTP_Method_Override", "x_original-url", "X-Rewrite_URL"}) {
    Request request;
    std::string storage;
    const auto fault =
        read_head(std::string("GET / HTTP/1.1\r\nHost: a\r\nX-Http-Methods: kept\r\n") + name +
                      ": DELETE\r\n\r\n",
                  request, storage);
    ASSERT_EQ(fault.reason, Reason::Ok) << name;
    EXPECT_EQ(request.fields.size(), 2U) << name;
  }
}

TEST(HeadRules, TheMethodIsKnownToWhoeverRefuses) {
  for (const char* rest : {"/../a HTTP/1.1\r\nHost: h\r\n\r\n", "/ HTTP/1.1\r\n\r\n"}) {
    Request request;
    std::string storage;
    EXPECT_NE(read_head(std::string("HEAD ") + rest, request, storage).reason, Reason::Ok);
    EXPECT_EQ(request.method, Method::Head) << "its refusal must not have a body";
  }
}

TEST(HeadRules, KeepAliveByVersion) {
  struct Row {
    const char* version;
    const char* connection;
    bool keep;
  };
  for (const Row& row : {Row{"1.1", "", true}, Row{"1.1", "Connection: Close\r\n", false},
                         Row{"1.0", "", false}, Row{"1.0", "Connection: keep-alive\r\n", true}}) {
    Request request;
    std::string storage;
    const auto fault = read_head(
        std::string("GET / HTTP/") + row.version + "\r\nHost: a\r\n" + row.connection + "\r\n",
        request, storage);
    ASSERT_EQ(fault.reason, Reason::Ok);
    EXPECT_EQ(request.keep_alive, row.keep) << row.version << row.connection;
  }
}

}  // namespace
}  // namespace sallyport::http
