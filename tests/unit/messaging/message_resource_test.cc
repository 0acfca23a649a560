#include <string>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

constexpr char kFirst[] = "/messages/069BF68E5E0FE99B0000000000000001";

// Sample S5.
TEST_F(EngineTest, MessageInXml) {
  zone = "Australia/Brisbane";
  caller.echo_apikey = "KEY";
  stored(1).created_us = 1'348'464'976'000'000;
  const auto response = get(kFirst);
  EXPECT_EQ(field(response, "Content-Type"), kXml);
  EXPECT_TRUE(response.body.starts_with(
      R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
      R"(<ns2:message xmlns:ns2="http://schemas.api.whispir.com" )"
      R"(xmlns:ns3="http://schemas.api.whispir.com/dap"><to>ann@example.com</to>)"
      R"(<subject>test subject</subject><body>test body</body><voice/>)"
      R"(<from>test_user@user.ad4ee78a3cf84d68.invalid</from><direction>OUTGOING</direction>)"
      R"(<responseCount>0</responseCount><social/>)"
      R"(<createdTime>2012-09-24T15:36:16+10:00</createdTime>)"))
      << response.body;
  EXPECT_NE(response.body.find(
                R"(/messages/069BF68E5E0FE99B0000000000000001/messagestatus?view=summary&amp;)"
                R"(apikey=KEY" rel="summaryStatus" method="GET"/>)"),
            std::string::npos)
      << response.body;
  EXPECT_TRUE(field(response, "ETag").starts_with("W/\""));
}

// Sample S6: the links and their order.
TEST_F(EngineTest, MessageLinksInTheClassicOrder) {
  caller.echo_apikey = "K";
  stored(1);
  const auto body = get(kFirst, kJson).body;
  const std::string uri = std::string("https://api.example.com:8443") + kFirst;
  std::string expected = R"("link":[)";
  for (const auto& [path, rel] : {
           std::pair("?apikey=K", "self"),
           std::pair("/messagestatus?view=summary&apikey=K", "summaryStatus"),
           std::pair("/messagestatus?view=detailed&apikey=K", "detailedStatus"),
           std::pair("/messageresponses?view=summary&filter=default&apikey=K", "summaryResponses"),
           std::pair("/messageresponses?view=detailed&filter=default&apikey=K",
                     "detailedResponses"),
           std::pair("/messageresponses?view=summary&filter=responserule&apikey=K",
                     "summaryResponsesWithResponseRule"),
           std::pair("/messageresponses?view=detailed&filter=responserule&apikey=K",
                     "detailedResponsesWithResponseRule"),
       }) {
    if (!expected.ends_with('[')) expected += ',';
    expected += R"({"uri":")" + uri + path + R"(","rel":")" + rel + R"(","method":"GET"})";
  }
  EXPECT_TRUE(body.ends_with(expected + "]}")) << body;
}

TEST_F(EngineTest, MessageInJson) {
  Message& message = stored(1);
  message.content.label = "blue";
  EmailPart& email = message.content.email.emplace();
  email.body = "mail";
  email.attachments.push_back({"a.txt", "d", "secret bytes"});
  const auto body = get(kFirst, "application/json").body;
  EXPECT_TRUE(body.starts_with(
      R"({"to":"ann@example.com","subject":"test subject","body":"test body","label":"blue",)"
      R"("type":"default","repetitionCount":0,"repeatDays":0,"repeatHrs":0,"repeatMin":0,)"
      R"("dlr":{"period":"","rule":"","type":"","publishToWeb":false,"expiryDay":0,)"
      R"("expiryHour":0,"expiryMin":0,"feedIds":"","bool":false},)"
      R"("email":{"body":"mail","type":"text/plain","resources":{"attachment":[)"
      R"({"attachmentName":"a.txt","attachmentDesc":"d"}]}},"voice":{},"web":{},)"
      R"("from":"test_user@user.ad4ee78a3cf84d68.invalid","direction":"OUTGOING",)"
      R"("responseCount":"0","social":{},"createdTime":1790000000000,"link":[)"))
      << body;
}

TEST_F(EngineTest, ListHasNoIdsAndAnEmptyStatus) {
  stored(1);
  const auto json = get("/messages", "application/json");
  EXPECT_EQ(json.body,
            R"({"messages":[{"subject":"test subject","to":"ann@example.com",)"
            R"("repetitionCount":0,"repeatDays":0,"repeatHrs":0,"repeatMin":0,)"
            R"("from":"Test User","direction":"OUTGOING","responseCount":"0",)"
            R"("createdTime":1790000000000,"link":[{"uri":"https://api.example.com:8443)" +
                std::string(kFirst) +
                R"(","rel":"self","method":"GET","host":"api.example.com","port":-1}],)"
                R"("whatsappValidMessage":true,"validBody":true,"validSubject":true}],)"
                R"("status":"","link":[]})");
  const auto xml = get("/messages");
  EXPECT_NE(xml.body.find("<status></status><ns2:messages><ns2:message><subject>"),
            std::string::npos)
      << xml.body;
}

TEST_F(EngineTest, ListShowsMineOfTheLastWeek) {
  stored(1);
  get("/messages");
  EXPECT_EQ(store.last_list.account, kAccount);
  EXPECT_EQ(store.last_list.workspace, kDefault);
  EXPECT_EQ(store.last_list.user, kUser);
  EXPECT_EQ(store.last_list.to_us - store.last_list.from_us, 7LL * 86'400 * 1'000'000);
  EXPECT_EQ(store.last_list.limit, 21);
  get("/messages?viewType=shared&label=blue%20sky&limit=5&offset=10");
  EXPECT_EQ(store.last_list.user, UserId{});
  EXPECT_EQ(store.last_list.label, "blue sky");
  EXPECT_EQ(store.last_list.limit, 6);
  EXPECT_EQ(store.last_list.offset, 10);
}

TEST_F(EngineTest, ListPages) {
  for (std::uint64_t i = 1; i <= 45; ++i) stored(i).content.label = "a&b";
  caller.echo_apikey = "K";
  const std::string base = R"({"uri":"https://api.example.com:8443/messages?offset=)";
  const auto first = get("/messages?label=a%26b", "application/json").body;
  EXPECT_TRUE(first.ends_with(
      R"("link":[)" + base + R"(20&limit=20&label=a%26b&apikey=K","rel":"next","method":"GET"}]})"))
      << first;
  const auto second = get("/messages?offset=20&limit=20", "application/json").body;
  EXPECT_TRUE(second.ends_with(R"("link":[)" + base +
                               R"(40&limit=20&apikey=K","rel":"next","method":"GET"},)" + base +
                               R"(0&limit=20&apikey=K","rel":"prev","method":"GET"}]})"))
      << second;
  const auto last = get("/messages?offset=40", "application/json").body;
  EXPECT_TRUE(last.ends_with(R"("link":[)" + base +
                             R"(20&limit=20&apikey=K","rel":"prev","method":"GET"}]})"));
  const auto behind = get("/messages?offset=100", "application/json");
  EXPECT_EQ(behind.head.status(), 200);
  EXPECT_EQ(behind.body, R"({"status":"No records found"})");
}

TEST_F(EngineTest, ListRefusesWhatItCannotRead) {
  for (const char* query : {"limit=x", "offset=-1", "limit=1.5", "offset=99999999999",
                            "criteriaFromDate=01%2F01%2F2026", "viewType=all"}) {
    EXPECT_EQ(get(std::string("/messages?") + query).head.status(), 422) << query;
  }
  for (const char* query : {"limit=0&offset=0", "limit=500", "limit=&offset=", "limit=20"}) {
    EXPECT_EQ(get(std::string("/messages?") + query).head.status(), 200) << query;
    EXPECT_EQ(store.last_list.limit, 21) << query;
  }
}

}  // namespace
}  // namespace sallyport::messaging::test
