#include "admin/queue_name.h"
#include "unit/admin/message_desk.h"

namespace sallyport::admin {
namespace {

class QueueVerbs : public test::MessageDesk {};

TEST_F(QueueVerbs, Names) {
  const std::string id(32, 'A');
  EXPECT_EQ(parse_queue_name(id)->recipient, 0);
  EXPECT_EQ(parse_queue_name(id + "-12")->recipient, 12);
  for (const std::string& wrong : {std::string("x"), id + "-", id + "-0", id + "-1x", id + "x"}) {
    EXPECT_FALSE(parse_queue_name(wrong)) << wrong;
  }
}

TEST_F(QueueVerbs, ListsWhatWaits) {
  const auto reply = done("queue list", "", {{"domain", {"Example.com"}}, {"limit", {"5"}}});
  EXPECT_EQ(desk.filter.domain, "example.com");
  EXPECT_EQ(desk.filter.limit, 5);
  EXPECT_NE(reply.text.find("-1 "), std::string::npos);
  EXPECT_NE(reply.text.find("deferred"), std::string::npos);
  EXPECT_NE(reply.json.find("\"state\":\"deferred\""), std::string::npos);
  refused("queue list", "", {{"limit", {"0"}}},
          "--limit must be a number from 1 to 100000, not \"0\"");
}

TEST_F(QueueVerbs, ActsAreRecordedAndWakeTheScheduler) {
  for (const auto& [verb, what] : {std::pair("queue hold", messaging::QueueAct::Hold),
                                   std::pair("queue release", messaging::QueueAct::Release),
                                   std::pair("queue retry", messaging::QueueAct::Retry),
                                   std::pair("queue drop", messaging::QueueAct::Drop)}) {
    const auto reply = done(verb, std::string(32, 'A') + "-3");
    EXPECT_EQ(desk.acted, what) << verb;
    EXPECT_EQ(desk.filter.recipient, 3);
    EXPECT_EQ(desk.record.audit.actor, "uid 7");
    EXPECT_EQ(desk.record.audit.subject, "queue " + std::string(32, 'A') + "-3");
    EXPECT_EQ(reply.json, "{\"recipients\":2}");
  }
  EXPECT_EQ(desk.record.audit.action, "queue.drop");
  EXPECT_EQ(wakes, 4);
  done("queue hold", "ALL", {{"domain", {"example.com"}}});
  EXPECT_FALSE(desk.filter.message);
  desk.count = 0;
  refused("queue hold", std::string(32, 'A'), {},
          std::string(32, 'A') + ": nothing of it could be held");
  refused("queue hold", "everything", {},
          "\"everything\" names nothing in the queue: give a message's id, or one with -N for its "
          "recipient N");
}

TEST_F(QueueVerbs, ADeadLetterIsSentAgainAsANewMessage) {
  const auto reply = done("queue retry", std::string(32, 'A'), {{"dead", {""}}});
  EXPECT_TRUE(desk.copy);
  EXPECT_NE(reply.text.find(desk.copy->hex()), std::string::npos);
  refused("queue retry", "ALL", {{"dead", {""}}}, "--dead needs one message: give its id");
}

TEST_F(QueueVerbs, Counts) {
  const auto reply = done("queue summary");
  EXPECT_NE(reply.json.find("\"deferred\":4"), std::string::npos) << reply.json;
}

}  // namespace
}  // namespace sallyport::admin
