#include "gateway/cors.h"

#include <gtest/gtest.h>

namespace sallyport::gateway {
namespace {

config::Api api_with(std::vector<std::string> origins) {
  config::Api api;
  api.cors.origins = std::move(origins);
  return api;
}

http::Request from(std::string_view origin, bool preflight) {
  http::Request request;
  request.method = preflight ? http::Method::Options : http::Method::Get;
  request.fields.push_back({"origin", origin});
  if (preflight) request.fields.push_back({"access-control-request-method", "POST"});
  return request;
}

bool has(const http::Head& head, std::string_view line) {
  return head.wire().find(line) != std::string_view::npos;
}

TEST(Cors, OnlyAnApiWithRulesHasPreflights) {
  EXPECT_TRUE(is_preflight(api_with({"https://a"}), from("https://a", true)));
  EXPECT_FALSE(is_preflight(api_with({}), from("https://a", true)));
  EXPECT_FALSE(is_preflight(api_with({"https://a"}), from("https://a", false)));
  http::Request plain;
  plain.method = http::Method::Options;
  EXPECT_FALSE(is_preflight(api_with({"https://a"}), plain)) << "it passes all doors";
}

TEST(Cors, APreflightOfAListedOriginIsToldWhatItMayDo) {
  const config::Api api = api_with({"https://shop.example"});
  const auto answer = preflight_answer(api, from("https://Shop.example:443", true), "GET, POST");
  EXPECT_EQ(answer.head.status(), 204);
  EXPECT_TRUE(has(answer.head, "Access-Control-Allow-Origin: https://Shop.example:443\r\n"));
  EXPECT_TRUE(has(answer.head, "Access-Control-Allow-Methods: GET, POST\r\n"));
  EXPECT_TRUE(has(answer.head,
                  "Access-Control-Allow-Headers: authorization, content-type, accept, x-api-key"));
  EXPECT_TRUE(has(answer.head, "Access-Control-Max-Age: 600\r\n"));
  EXPECT_FALSE(has(answer.head, "Credentials"));
}

TEST(Cors, AnotherOriginIsToldNothing) {
  const config::Api api = api_with({"https://shop.example"});
  const auto answer = preflight_answer(api, from("https://evil.example", true), "GET");
  EXPECT_FALSE(has(answer.head, "Access-Control-Allow-Origin"));
  http::Head head;
  add_cors_fields(head, api, from("null", false));
  EXPECT_EQ(head.wire(), "Vary: Origin\r\n");
}

TEST(Cors, AnAnswerSaysWhoMayReadIt) {
  config::Api api = api_with({"https://shop.example"});
  api.cors.expose_headers = {"Location", "ETag"};
  http::Head head;
  add_cors_fields(head, api, from("https://shop.example", false));
  EXPECT_EQ(head.wire(),
            "Vary: Origin\r\nAccess-Control-Allow-Origin: https://shop.example\r\n"
            "Access-Control-Expose-Headers: Location, ETag\r\n");
  http::Head any;
  add_cors_fields(any, api_with({"*"}), from("https://x", false));
  EXPECT_EQ(any.wire(), "Access-Control-Allow-Origin: *\r\n");
  http::Head none;
  add_cors_fields(none, api_with({}), from("https://x", false));
  EXPECT_EQ(none.wire(), "");
}

}  // namespace
}  // namespace sallyport::gateway
