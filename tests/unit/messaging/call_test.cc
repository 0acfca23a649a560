#include "messaging/call.h"

#include <string>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

class CallTest : public EngineTest {
 protected:
  Call call(ResourcePath path = {}) { return {config, request, caller, path, "UTC"}; }
  http::Request request;
};

TEST_F(CallTest, EveryErrorHasItsThreeFieldsAndNeverAnEmptyBody) {
  config.messaging.support_contact = "help <desk>";
  request.fields = {{"accept", kJson}};
  for (const int status : {400, 404, 405, 406, 408, 413, 415, 422}) {
    const auto response = call().refuse(status, {}, "the detail");
    EXPECT_EQ(response.head.status(), status);
    EXPECT_EQ(field(response, "Content-Type"), kJson);
    EXPECT_TRUE(response.body.starts_with("{\"errorSummary\":\"Y") ||
                response.body.starts_with("{\"errorSummary\":\"T"))
        << response.body;
    EXPECT_NE(response.body.find(std::string("\"errorText\":\"") +
                                 std::string(http::reason_phrase(status)) + "\""),
              std::string::npos);
    EXPECT_NE(response.body.find("\"errorDetail\":\"the detail\""), std::string::npos);
    EXPECT_EQ(response.body.ends_with(",\"link\":[]}"), status == 422) << status;
  }
  for (const int status : {406, 415, 422}) {
    EXPECT_NE(call().refuse(status).body.find("help <desk>"), std::string::npos) << status;
  }
}

TEST_F(CallTest, ErrorsInXml) {
  EXPECT_EQ(call().refuse(404).body,
            R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
            R"(<ns3:error xmlns:ns2="http://schemas.api.whispir.com/dap" )"
            R"(xmlns:ns3="http://schemas.api.whispir.com"><errorSummary>The resource that you )"
            "have requested does not exist. Please check the identifier and try again"
            "</errorSummary><errorText>Not Found</errorText><errorDetail></errorDetail>"
            "</ns3:error>");
}

TEST_F(CallTest, UrisFollowTheBaseTheQueryAndTheEcho) {
  const ResourcePath in_workspace{
      .kind = ResourceKind::Messages, .workspace = "174157CA505F4142", .message = {}};
  EXPECT_EQ(call().uri("messages/X"), "https://api.example.com:8443/messages/X");
  EXPECT_EQ(call(in_workspace).uri("messages/X", {{"view", "a b&c"}}),
            "https://api.example.com:8443/workspaces/174157CA505F4142/messages/X?view=a%20b%26c");
  caller.echo_apikey = "K&K";
  caller.echo_name = "apikey";
  EXPECT_EQ(call().uri("messages"), "https://api.example.com:8443/messages?apikey=K%26K");
  EXPECT_EQ(call().uri("messages", {{"a", "b"}}),
            "https://api.example.com:8443/messages?a=b&apikey=K%26K");
}

TEST_F(CallTest, LinksTellNewerClientsTheHost) {
  for (const auto& [url, host] : {std::pair("https://api.example.com:8443", "api.example.com"),
                                  std::pair("https://api.example.com", "api.example.com"),
                                  std::pair("https://api.example.com/v1", "api.example.com"),
                                  std::pair("https://[::1]:8443", "[::1]")}) {
    caller.public_url = url;
    EXPECT_EQ(call().link("u", "self").host, host);
  }
  caller.echo_apikey = "K";
  EXPECT_EQ(call().link("u", "self").host, "");
}

TEST_F(CallTest, Pages) {
  struct Case {
    const char* limit;
    const char* offset;
    std::int64_t expected_limit;  // 0: refused
    std::int64_t expected_offset;
  };
  const Case cases[] = {{"5", "10", 5, 10}, {"0", "0", 20, 0}, {"21", "", 20, 0},
                        {"", "7", 20, 7},   {"x", "0", 0, 0},  {"5", "-1", 0, 0},
                        {"5 ", "0", 0, 0},  {"+5", "0", 0, 0}, {"5", "1000000001", 0, 0}};
  for (const Case& one : cases) {
    request.pairs = {{"", "limit", one.limit}, {"", "offset", one.offset}};
    const auto page = page_of(request);
    ASSERT_EQ(page.has_value(), one.expected_limit != 0) << one.limit << " " << one.offset;
    if (!page) continue;
    EXPECT_EQ(page->limit, one.expected_limit);
    EXPECT_EQ(page->offset, one.expected_offset);
  }
}

}  // namespace
}  // namespace sallyport::messaging::test
