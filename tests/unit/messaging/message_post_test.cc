#include <string>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

constexpr char kGood[] = R"({"to":"ann@example.com","subject":"Hello","body":"This is the body"})";
constexpr char kAccepted[] = "Your request has been accepted for processing";

TEST_F(EngineTest, PostStoresTheWholeMessage) {
  caller.environment = Environment::Test;
  const auto response = post(kGood);
  EXPECT_EQ(response.head.status(), 202);
  EXPECT_EQ(response.body, kAccepted);
  EXPECT_EQ(field(response, "Content-Type"), kJson);
  ASSERT_EQ(store.messages.size(), 1U);
  const Message& message = store.messages.begin()->second;
  EXPECT_EQ(field(response, "Location"),
            "https://api.example.com:8443/messages/" + message.id.hex());
  EXPECT_EQ(message.account, kAccount);
  EXPECT_EQ(message.workspace, kDefault);
  EXPECT_EQ(message.user, kUser);
  EXPECT_EQ(message.environment, Environment::Test);
  EXPECT_EQ(message.from_name, "Test User");
  EXPECT_EQ(message.created_us, clock.unix_us());
  ASSERT_EQ(message.recipients.size(), 1U);
  EXPECT_EQ(message.recipients[0].next_attempt_us, clock.unix_us()) << "due at once";
  EXPECT_EQ(wakes, 1);
}

TEST_F(EngineTest, LocationFollowsTheBaseAndEchoesTheKey) {
  caller.echo_apikey = "a key+/=";
  const auto classic = post(kGood);
  EXPECT_TRUE(field(classic, "Location").ends_with("?apikey=a%20key%2B%2F%3D"))
      << field(classic, "Location");
  const auto other = post(kGood, kJson, kJson, "/workspaces/174157CA505F4142/messages");
  EXPECT_TRUE(field(other, "Location")
                  .starts_with("https://api.example.com:8443/workspaces/174157CA505F4142/"
                               "messages/"));
}

TEST_F(EngineTest, PostTakesXmlAndAnswersAsAsked) {
  const auto response = post(
      "<ns2:message xmlns:ns2=\"http://schemas.api.whispir.com\"><to>b@example.com</to>"
      "<subject>s</subject><body>b</body></ns2:message>",
      kXml, "");
  EXPECT_EQ(response.head.status(), 202) << response.body;
  EXPECT_EQ(response.body, kAccepted);
  EXPECT_EQ(field(response, "Content-Type"), kXml);
  EXPECT_EQ(field(post(kGood, "application/json", "application/xml"), "Content-Type"),
            "application/xml");
}

TEST_F(EngineTest, PostRefusesEachWithItsAnswer) {
  struct Case {
    const char* what;
    std::string body;
    std::string type;
    std::string accept;
    int status;
    const char* text;
  };
  const Case cases[] = {
      {"broken JSON", "{", kJson, kJson, 400, "JSON, line 1"},
      {"broken XML", "<message>", kXml, kJson, 400, "XML, line 1"},
      {"a DOCTYPE", "<!DOCTYPE a><message/>", kXml, kJson, 400, "DOCTYPE"},
      {"JSON called XML", kGood, kXml, kJson, 400, "XML"},
      {"an unknown type", kGood, "text/csv", kJson, 415, "Cannot consume"},
      {"no type", kGood, "", kJson, 415, "no Content-Type"},
      {"another charset", kGood, "application/json; charset=latin1", kJson, 415, "charset"},
      {"another resource's type", kGood, "application/vnd.whispir.contact-v1+json", kJson, 415,
       "Cannot consume"},
      {"bulk", kGood, "application/vnd.whispir.bulkmessage-v1+json", kJson, 422,
       "Bulk messages are not supported yet"},
      {"what we never write", kGood, kJson, "image/png", 406, "Not Acceptable"},
      {"no recipient", R"({"subject":"s","body":"b"})", kJson, kJson, 422, "names no recipient"},
      {"a phone number", R"({"to":"61400400400","subject":"s","body":"b"})", kJson, kJson, 422,
       "No SMS channel is configured"},
      {"a reserved domain",
       R"({"to":"Bob@user.ad4ee78a3cf84d68.invalid","subject":"s","body":"b"})", kJson, kJson, 422,
       "reserved"},
  };
  for (const Case& one : cases) {
    const auto response = post(one.body, one.type, one.accept);
    EXPECT_EQ(response.head.status(), one.status) << one.what;
    EXPECT_NE(response.body.find(one.text), std::string::npos) << one.what << ": " << response.body;
    EXPECT_EQ(response.reason, Reason::EngineRefused) << one.what;
    for (const char* name : {"errorSummary", "errorText", "errorDetail"}) {
      EXPECT_NE(response.body.find(name), std::string::npos) << one.what;
    }
  }
  EXPECT_TRUE(store.messages.empty()) << "nothing half done";
  EXPECT_EQ(wakes, 0);
}

TEST_F(EngineTest, ALargeMessageNeedsAttachments) {
  const auto response = post(R"({"to":"a@example.com","subject":"s","email":{"body":"b"},"x":")" +
                             std::string(1024 * 1024, 'x') + "\"}");
  EXPECT_EQ(response.head.status(), 413);
  config.limits.body_bytes = 10;
  EXPECT_EQ(post(kGood).head.status(), 413);
}

class IdempotencyTest : public EngineTest {
 protected:
  http::Response keyed(const std::string& key, const std::string& body = kGood,
                       const std::string& target = "/messages", const char* type = kJson) {
    auto response =
        run({.method = http::Method::Post,
             .target = target,
             .fields = {{"content-type", type}, {"accept", kJson}, {"idempotency-key", key}},
             .body = body});
    EXPECT_TRUE(response);
    return response ? std::move(*response) : http::Response();
  }
};

TEST_F(IdempotencyTest, ARepeatIsAnsweredAfreshAndStoredOnce) {
  const auto first = keyed("order-17");
  caller.echo_apikey = "K";
  const auto again = keyed("order-17");
  EXPECT_EQ(again.head.status(), 202);
  EXPECT_EQ(again.body, kAccepted);
  EXPECT_EQ(field(again, "Location"), field(first, "Location") + "?apikey=K");
  EXPECT_EQ(field(again, "Idempotency-Replay"), "true");
  EXPECT_EQ(field(first, "Idempotency-Replay"), "");
  EXPECT_EQ(store.messages.size(), 1U);
  EXPECT_EQ(wakes, 1);
  EXPECT_EQ(field(keyed("order-17", kGood, "/messages/"), "Idempotency-Replay"), "true")
      << "with a slash behind it is the same path";
}

TEST_F(IdempotencyTest, AnotherBodyIsRefused) {
  keyed("order-17");
  const auto other = keyed("order-17", R"({"to":"a@example.com","subject":"s","body":"other"})");
  EXPECT_EQ(other.head.status(), 422);
  EXPECT_NE(other.body.find("another body"), std::string::npos);
  EXPECT_EQ(keyed("order-17", kGood, "/messages", "application/json").head.status(), 422)
      << "another type is another body";
}

TEST_F(IdempotencyTest, TheScopeIsUserAccountAndPath) {
  keyed("order-17");
  EXPECT_EQ(field(keyed("order-17", kGood, "/workspaces/174157CA505F4142/messages"),
                  "Idempotency-Replay"),
            "");
  caller.user = UserId{99};
  EXPECT_EQ(field(keyed("order-17"), "Idempotency-Replay"), "");
  EXPECT_EQ(store.messages.size(), 3U);
}

TEST_F(IdempotencyTest, AMalformedKeyIsRefused) {
  for (const std::string& key :
       {std::string(), std::string(256, 'k'), std::string("a\xC3\xA9"), std::string("a\tb")}) {
    const auto response = keyed(key);
    EXPECT_EQ(response.head.status(), 400) << key;
    EXPECT_NE(response.body.find("Idempotency-Key"), std::string::npos);
  }
  EXPECT_EQ(keyed(std::string(255, 'k')).head.status(), 202);
  const auto twice =
      run({.method = http::Method::Post,
           .target = "/messages",
           .fields = {{"content-type", kJson}, {"idempotency-key", "a"}, {"idempotency-key", "a"}},
           .body = std::string(kGood)});
  EXPECT_EQ(twice->head.status(), 400);
}

}  // namespace
}  // namespace sallyport::messaging::test
