#include <string>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

constexpr char kStatus[] = "/messages/069BF68E5E0FE99B0000000000000001/messagestatus";
constexpr char kSelf[] =
    "https://api.example.com:8443/messages/069BF68E5E0FE99B0000000000000001/messagestatus";

TEST_F(EngineTest, SummaryCountsByCategory) {
  Message& message = stored(1);
  message.recipients.resize(8);
  const DeliveryState states[] = {DeliveryState::Sent,     DeliveryState::InDoubt,
                                  DeliveryState::Pending,  DeliveryState::Attempting,
                                  DeliveryState::Deferred, DeliveryState::Delivered,
                                  DeliveryState::Read,     DeliveryState::Failed};
  for (std::size_t i = 0; i < 8; ++i) message.recipients[i].state = states[i];
  caller.echo_apikey = "K";
  EXPECT_EQ(get(kStatus, "application/vnd.whispir.messagestatus-v1+json").body,
            R"({"messageStatuses":[{"link":[{"uri":")" + std::string(kSelf) +
                R"(?view=summary&apikey=K","rel":"self","method":"GET"}],"categories":[)"
                R"({"name":"Sent","recipientCount":2,"percentageTotal":"25.0%"},)"
                R"({"name":"Pending","recipientCount":3,"percentageTotal":"37.5%"},)"
                R"({"name":"Received","recipientCount":1,"percentageTotal":"12.5%"},)"
                R"({"name":"Acknowledged","recipientCount":1,"percentageTotal":"12.5%"},)"
                R"({"name":"Undeliverable","recipientCount":1,"percentageTotal":"12.5%"}]}],)"
                R"("link":[]})");
}

// Sample S8.
TEST_F(EngineTest, SummaryInXml) {
  stored(1);
  const auto body = get(std::string(kStatus) + "?view=summary").body;
  EXPECT_NE(body.find("<ns2:messageStatuses><ns2:messageStatus><ns2:link uri=\""),
            std::string::npos);
  EXPECT_NE(body.find(R"(method="GET"/><categories><status name="Sent">)"
                      "<percentageTotal>0.0%</percentageTotal><recipientCount>0</recipientCount>"
                      R"(</status><status name="Pending"><percentageTotal>100.0%)"),
            std::string::npos)
      << body;
}

// Sample S7.
TEST_F(EngineTest, DetailedInXml) {
  zone = "Australia/Brisbane";
  Recipient& one = stored(1).recipients[0];
  one.state = DeliveryState::Sent;
  one.sent_us = 1'348'786'037'000'000;
  one.last_code = 250;
  one.last_text = "2.0.0 queued <1>";
  const auto body = get(std::string(kStatus) + "?view=detailed").body;
  EXPECT_TRUE(body.ends_with(
      "<status>1 to 1 of 1</status><ns2:messageStatuses><ns2:messageStatus><ns2:link uri=\"" +
      std::string(kSelf) +
      R"(?view=detailed" rel="self" method="GET"/>)"
      R"(<status type="email"><destination>ann@example.com</destination>)"
      "<sentTimestamp>2012-09-28T08:47:17+10:00</sentTimestamp><status>SENT</status></status>"
      R"(<status type="sms"><destination></destination><status></status></status>)"
      R"(<status type="voice"><destination></destination><status></status></status>)"
      "<info>Message sent. 250 2.0.0 queued &lt;1&gt;</info><name>ann@example.com</name>"
      "</ns2:messageStatus></ns2:messageStatuses></ns2:return>"))
      << body;
}

TEST_F(EngineTest, DetailedInJson) {
  Recipient& one = stored(1).recipients[0];
  one.state = DeliveryState::Failed;
  one.failed_us = 1'348'786'037'000'000;
  one.last_code = 550;
  one.last_text = "5.1.1 no such mailbox";
  caller.echo_apikey = "K";
  EXPECT_EQ(get(std::string(kStatus) + "?view=detailed", "application/json").body,
            R"({"messageStatuses":[{"name":"ann@example.com",)"
            R"("info":"Message could not be delivered. 550 5.1.1 no such mailbox",)"
            R"("link":[{"uri":")" +
                std::string(kSelf) +
                R"(?view=detailed&apikey=K","rel":"self","method":"GET"}],)"
                R"("status":[{"type":"email","status":"FAILED","destination":"ann@example.com",)"
                R"("undeliverableTimestamp":1348786037000},)"
                R"({"type":"sms","status":"","destination":""},)"
                R"({"type":"voice","status":"","destination":""}]}],)"
                R"("status":"1 to 1 of 1    ","link":[]})");
}

TEST_F(EngineTest, DetailedPages) {
  Message& message = stored(1);
  message.recipients.resize(25, message.recipients[0]);
  const auto first = get(std::string(kStatus) + "?view=detailed", "application/json").body;
  EXPECT_NE(first.find(R"("status":"1 to 20 of 25    ","link":[{"uri":")" + std::string(kSelf) +
                       R"(?view=detailed&offset=20&limit=20","rel":"next")"),
            std::string::npos)
      << first;
  const auto last = get(std::string(kStatus) + "?view=detailed&offset=20", "application/json").body;
  EXPECT_NE(last.find(R"("status":"21 to 25 of 25    ","link":[{)"), std::string::npos);
  EXPECT_NE(last.find(R"("rel":"prev")"), std::string::npos);
  EXPECT_EQ(get(std::string(kStatus) + "?view=detailed&offset=25", "application/json").body,
            R"({"status":"No records found"})");
}

TEST_F(EngineTest, StatusRefusesOtherViews) {
  stored(1);
  EXPECT_EQ(get(std::string(kStatus) + "?view=everything").head.status(), 422);
  EXPECT_EQ(get(std::string(kStatus) + "?view=detailed&limit=x").head.status(), 422);
  EXPECT_EQ(get(kStatus, "application/vnd.whispir.contact-v1+json").head.status(), 406);
  EXPECT_EQ(get(kStatus, kJson).head.status(), 200) << "asked for under the message's name";
}

}  // namespace
}  // namespace sallyport::messaging::test
