#include "unit/admin/message_desk.h"

namespace sallyport::admin {
namespace {

class MessageVerbs : public test::MessageDesk {
 protected:
  MessageVerbs() {
    messaging::Story story;
    story.message.id = MessageId{1, 2};
    story.message.username = "jane";
    story.message.content.subject = "the subject";
    story.message.content.body = "the body";
    messaging::Recipient one;
    one.index = 1;
    one.destination = "ann@example.com";
    one.state = messaging::DeliveryState::Sent;
    one.attempts = 2;
    story.message.recipients.push_back(one);
    one.index = 2;
    one.destination = "bob@example.com";
    story.message.recipients.push_back(one);
    messaging::AttemptRow attempt;
    attempt.recipient = 1;
    attempt.number = 1;
    attempt.started_us = 1'000'000;
    attempt.ended_us = 1'250'000;
    attempt.result = messaging::DeliveryState::Deferred;
    attempt.code = 451;
    attempt.text = "greylisted";
    attempt.via = "mx.example.com:25";
    story.attempts.push_back(attempt);
    story.repeats_left = 2;
    story.repeats_us = 60'000'000;
    desk.told = std::move(story);
  }
};

TEST_F(MessageVerbs, ShowTellsTheStoryWithoutTheBody) {
  const auto reply = done("message show", MessageId{1, 2}.hex());
  EXPECT_NE(reply.text.find("after 250 ms via mx.example.com:25: 451 greylisted"),
            std::string::npos)
      << reply.text;
  EXPECT_NE(reply.text.find("sent again 2 times more, next 1970-01-01T00:01:00Z"),
            std::string::npos);
  EXPECT_NE(reply.json.find("\"repeats_left\":2"), std::string::npos);
  EXPECT_NE(reply.json.find("\"history\":[{\"number\":1,"), std::string::npos) << reply.json;
  EXPECT_EQ(reply.json.find("the body"), std::string::npos);
  refused("message show", MessageId{1, 3}.hex(), {},
          "there is no message " + MessageId{1, 3}.hex());
  refused("message show", "x", {}, "\"x\" is no message's id");
}

TEST_F(MessageVerbs, ExportNamesNobodyElse) {
  const auto reply = done("message export", "", {{"recipient", {"ann@EXAMPLE.com"}}});
  EXPECT_EQ(desk.asked, "ann@example.com");
  EXPECT_NE(reply.json.find("the body"), std::string::npos);
  EXPECT_EQ(reply.json.find("bob@"), std::string::npos);
  const auto loud = done("message export", "", {{"recipient", {"ANN@example.com"}}});
  EXPECT_NE(loud.json.find("\"destination\":\"ann@example.com\""), std::string::npos);
}

TEST_F(MessageVerbs, ExportHasWhatWasWrittenBack) {
  const auto reply = done("message export", "", {{"recipient", {"+61400400400"}}});
  EXPECT_EQ(desk.sms_filter.number, "+61400400400");
  EXPECT_NE(reply.json.find("Yes\\nplease"), std::string::npos);
}

TEST_F(MessageVerbs, IncomingAndStops) {
  const auto incoming = done("message incoming", "", {{"limit", {"5"}}});
  EXPECT_EQ(desk.sms_filter.limit, 5);
  EXPECT_NE(incoming.text.find("Yes please"), std::string::npos) << "on one line";
  EXPECT_NE(incoming.json.find("Yes\\nplease"), std::string::npos);
  const auto stops = done("message stops", "", {});
  EXPECT_NE(stops.text.find("+61400400400"), std::string::npos);
  EXPECT_NE(stops.text.find("every account"), std::string::npos);
  refused("message stops", "", {{"limit", {"0"}}},
          "--limit must be a number from 1 to 100000, not \"0\"");
}

TEST_F(MessageVerbs, EraseLeavesADigestInTheRecord) {
  const auto reply = done("message erase", "", {{"recipient", {"ann@example.com"}}});
  EXPECT_EQ(reply.json, "{\"messages\":2}");
  EXPECT_EQ(desk.record.audit.action, "message.erase");
  EXPECT_TRUE(desk.record.audit.subject.starts_with("recipient sha256:"));
  EXPECT_EQ(desk.record.audit.json.find("ann"), std::string::npos);
  refused("message erase", "", {{"recipient", {"nobody"}}},
          "--recipient must be an email address or a phone number with its country");
}

}  // namespace
}  // namespace sallyport::admin
