#include "http/response_head.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(ResponseHead, SaysWhereItsBodyEnds) {
  const struct {
    const char* what;
    const char* head;
    Method asked;
    int status;
    BodyKind body;
    std::uint64_t length;
    bool keep_alive;
  } cases[] = {
      {"a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Method::Get, 200,
       BodyKind::Length, 5, true},
      {"no bytes", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Method::Get, 200, BodyKind::None,
       0, true},
      {"chunked", "HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n", Method::Get, 200,
       BodyKind::Chunked, 0, true},
      {"neither", "HTTP/1.1 200 OK\r\nX: y\r\n\r\n", Method::Get, 200, BodyKind::UntilClose, 0,
       false},
      {"to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", Method::Head, 200, BodyKind::None,
       5, true},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", Method::Get, 204, BodyKind::None, 0, true},
      {"204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", Method::Get,
       204, BodyKind::None, 5, false},
      {"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Method::Get, 304,
       BodyKind::None, 5, true},
      {"interim", "HTTP/1.1 100 Continue\r\n\r\n", Method::Post, 100, BodyKind::None, 0, true},
      {"close", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\n", Method::Get,
       200, BodyKind::Length, 1, false},
      {"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", Method::Get, 200, BodyKind::Length, 1,
       false},
      {"1.0 kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n",
       Method::Get, 200, BodyKind::Length, 1, true},
  };
  for (const auto& one : cases) {
    ResponseHead head;
    EXPECT_EQ(parse_response_head(one.head, one.asked, head), nullptr) << one.what;
    EXPECT_EQ(head.status, one.status) << one.what;
    EXPECT_EQ(head.body, one.body) << one.what;
    EXPECT_EQ(head.length, one.length) << one.what;
    EXPECT_EQ(head.keep_alive, one.keep_alive) << one.what;
  }
}

TEST(ResponseHead, RefusesWhatTwoCouldReadDifferently) {
  for (const std::string_view bad : {
           std::string_view("\r\n"),
           std::string_view("hello\r\n\r\n"),
           std::string_view("HTTP/2 200 OK\r\n\r\n"),
           std::string_view("HTTP/1.1 20 OK\r\n\r\n"),
           std::string_view("HTTP/1.1 2000 OK\r\n\r\n"),
           std::string_view("HTTP/1.1 099 OK\r\n\r\n"),
           std::string_view("HTTP/1.1 600 OK\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\nX: y\n\n"),
           std::string_view("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nX : a\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\n: a\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nX\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nX: \0\r\n\r\n", 26),
           std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 1,1\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999\r\n\r\n"),
           std::string_view(
               "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
           std::string_view("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"),
           std::string_view("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
       }) {
    ResponseHead head;
    EXPECT_NE(parse_response_head(bad, Method::Get, head), nullptr) << bad;
  }
}

TEST(ResponseHead, KeepsNamesAsTheyWereWritten) {
  ResponseHead head;
  ASSERT_EQ(
      parse_response_head("HTTP/1.1 200 OK\r\nX-Own:  a b \r\nx-own:\r\n\r\n", Method::Get, head),
      nullptr);
  ASSERT_EQ(head.fields.size(), 2U);
  EXPECT_EQ(head.fields[0].name, "X-Own");
  EXPECT_EQ(head.fields[0].value, "a b");
  EXPECT_EQ(head.fields[1].value, "");
}

}  // namespace
}  // namespace sallyport::http
