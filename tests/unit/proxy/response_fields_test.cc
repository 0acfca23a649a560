#include "proxy/response_fields.h"

#include <gtest/gtest.h>

namespace sallyport::proxy {
namespace {

std::string fields(const config::Api& api, const config::Route& route, std::string_view head_text) {
  http::ResponseHead head;
  EXPECT_EQ(http::parse_response_head(head_text, http::Method::Get, head), nullptr);
  std::string out;
  append_answer_fields(out, ForwardRules(api, route), head);
  return out;
}

constexpr std::string_view kOurs =
    "Cache-Control: private, no-store\r\nVary: Accept, Authorization, x-api-key\r\n"
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";

TEST(AnswerFields, PassAsTheyWereWritten) {
  EXPECT_EQ(fields({}, {}, "HTTP/1.1 200 OK\r\nX-Own: a\r\nETag: \"1\"\r\nX-Own: b\r\n\r\n"),
            "X-Own: a\r\nETag: \"1\"\r\nX-Own: b\r\n" + std::string(kOurs));
}

TEST(AnswerFields, OfTheHopOrOfTheGatewaysNamesDoNot) {
  EXPECT_EQ(fields({}, {},
                   "HTTP/1.1 200 OK\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Error-Code: x\r\n"
                   "Content-Length: 3\r\nX-Request-Id: theirs\r\n\r\n"),
            kOurs);
}

TEST(AnswerFields, TheUpstreamMayDecideOnCaching) {
  const std::string text = fields(
      {}, {}, "HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\nVary: Accept-Language\r\n\r\n");
  EXPECT_EQ(text.find("no-store"), std::string::npos);
  EXPECT_NE(text.find("Vary: Accept-Language\r\n"), std::string::npos);
  EXPECT_NE(text.find("Vary: Accept, Authorization, x-api-key\r\n"), std::string::npos);
}

TEST(AnswerFields, TheRouteAndItsCrossOriginRulesHaveTheLastWord) {
  config::Route route;
  route.response_headers.remove = {"server"};
  route.response_headers.set = {{"X-Frame-Options", "DENY"}};
  config::Api api;
  api.cors.origins = {"https://a"};
  const std::string text = fields(api, route,
                                  "HTTP/1.1 200 OK\r\nServer: x\r\nx-frame-options: ALLOW\r\n"
                                  "Access-Control-Allow-Origin: *\r\n\r\n");
  EXPECT_EQ(text, "X-Frame-Options: DENY\r\n" + std::string(kOurs));
}

}  // namespace
}  // namespace sallyport::proxy
