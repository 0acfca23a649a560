#include "storage/queue_rows.h"

#include "storage/entity_put.h"
#include "storage/keeping_rows.h"
#include "storage/message_reads.h"
#include "storage/message_rows.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using messaging::DeliveryState;
using messaging::Message;
using messaging::QueueAct;
using messaging::QueueFilter;

class QueueRows : public ::testing::Test {
 protected:
  QueueRows() {
    EXPECT_TRUE(write_entities(*database_, small_world()));
    for (std::uint64_t i = 1; i <= 3; ++i) {
      Message message = sample_message(i);
      message.content.to = "Ann@Example.com, bob@other.example";
      message.recipients.resize(2, message.recipients[0]);
      message.recipients[0].destination = "Ann@example.com";
      message.recipients[1].destination = "bob@other.example";
      message.recipients[1].index = message.recipients[0].index + 1;
      EXPECT_TRUE(insert_message(*database_, message, {}));
    }
  }
  QueueFilter of(std::uint64_t number, std::int32_t recipient = 0) {
    QueueFilter filter;
    filter.message = sample_message(number).id;
    filter.recipient = recipient;
    return filter;
  }
  std::int64_t act(QueueAct what, const QueueFilter& filter) {
    return act_on_queue(*database_, what, filter, std::nullopt, 9'000'000'000).value();
  }
  std::size_t due() { return due_recipients(*database_, 9'000'000'000, 100).value().size(); }

  Directory directory_;
  std::unique_ptr<Database> database_ = open_schema(directory_);
};

TEST_F(QueueRows, HoldAndRelease) {
  EXPECT_EQ(due(), 6U);
  EXPECT_EQ(act(QueueAct::Hold, of(1)), 2);
  EXPECT_EQ(act(QueueAct::Hold, of(2, 2)), 1);
  EXPECT_EQ(act(QueueAct::Hold, of(2, 2)), 0) << "it is held";
  EXPECT_EQ(due(), 3U);
  QueueFilter held;
  held.held = true;
  EXPECT_EQ(list_queue(*database_, held).value().size(), 3U);
  EXPECT_EQ(count_queue(*database_).value()[0].held, 3);
  EXPECT_EQ(act(QueueAct::Retry, of(1)), 0) << "what is held stays held";
  held.domain = "other.example";
  EXPECT_EQ(act(QueueAct::Release, held), 2);
  EXPECT_EQ(due(), 5U);
  EXPECT_EQ(next_due(*database_).value().has_value(), true);
}

TEST_F(QueueRows, NothingIsSentBeforeItsTime) {
  Message later = sample_message(4);
  later.not_before_us = 20'000'000'000;
  later.recipients[0].next_attempt_us = later.not_before_us;
  ASSERT_TRUE(insert_message(*database_, later, {}));
  EXPECT_EQ(act(QueueAct::Retry, of(4)), 0);
  EXPECT_EQ(act(QueueAct::Hold, of(4)), 1);
  EXPECT_EQ(act(QueueAct::Release, of(4)), 1);
  EXPECT_EQ(load_message(*database_, later.id).value()->recipients[0].next_attempt_us,
            later.not_before_us);
  EXPECT_EQ(act(QueueAct::Drop, of(4)), 1);
}

TEST_F(QueueRows, DropEndsARepetition) {
  const auto repeating = [&](std::uint64_t number) {
    Message message = sample_message(number);
    message.not_before_us = message.created_us;
    message.repetition = {3, 1, 0, 0, "UTC"};
    message.recipients[0].state = DeliveryState::Sent;
    EXPECT_TRUE(insert_message(*database_, message, {}));
    return message.id;
  };
  const MessageId id = repeating(4);
  const auto story = message_story(*database_, id).value();
  EXPECT_EQ(story->repeats_left, 3);
  EXPECT_NE(story->repeats_us, 0);
  EXPECT_EQ(act(QueueAct::Drop, of(4, 1)), 0) << "one recipient is not the message";
  EXPECT_EQ(act(QueueAct::Drop, of(4)), 1);
  EXPECT_EQ(message_story(*database_, id).value()->repeats_us, 0);
  EXPECT_EQ(act(QueueAct::Drop, of(4)), 0);
  repeating(5);
  QueueFilter all;
  all.account = kOtherAccount;
  act(QueueAct::Drop, all);
  EXPECT_TRUE(next_repetition(*database_).value());
  all.account = sample_message(5).account;
  EXPECT_EQ(act(QueueAct::Drop, all), 6);
  EXPECT_FALSE(next_repetition(*database_).value());
}

TEST_F(QueueRows, WhoWasErasedGetsNoRepetition) {
  Message message = sample_message(4);
  message.not_before_us = message.created_us;
  message.repetition = {3, 1, 0, 0, "UTC"};
  message.recipients.resize(2, message.recipients[0]);
  message.recipients[0].destination = "ann@erase.example";
  message.recipients[1].index = message.recipients[0].index + 1;
  ASSERT_TRUE(insert_message(*database_, message, {}));
  EXPECT_EQ(messages_to(*database_, "Ann@erase.example").value().size(), 1U);
  ASSERT_EQ(erase_address(*database_, "ANN@erase.example", 5).value(), 1) << "in any case";
  ASSERT_TRUE(copy_message(*database_, message.id, MessageId{55, 7}, 6).value());
  const auto copy = load_message(*database_, MessageId{55, 7}).value();
  ASSERT_EQ(copy->recipients.size(), 1U);
  EXPECT_EQ(copy->recipients[0].index, message.recipients[1].index);
}

TEST_F(QueueRows, ListsByDomainWithoutAddresses) {
  QueueFilter filter;
  filter.domain = "example.com";
  const auto rows = list_queue(*database_, filter).value();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].domain, "example.com");
  EXPECT_EQ(rows[0].state, DeliveryState::Pending);
  filter.limit = 2;
  EXPECT_EQ(list_queue(*database_, filter).value().size(), 2U);
  filter.account = kOtherAccount;
  EXPECT_TRUE(list_queue(*database_, filter).value().empty());
}

TEST_F(QueueRows, DropIsAnEndAndADeadLetterIsSentAgainAsAnother) {
  EXPECT_EQ(act(QueueAct::Drop, of(1, 1)), 1);
  QueueFilter dead = of(1);
  dead.dead = true;
  const auto rows = list_queue(*database_, dead).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].last_text, "dropped by the operator");
  EXPECT_EQ(count_queue(*database_).value()[0].dead, 1);
  const MessageId copy{55, 5};
  EXPECT_EQ(act_on_queue(*database_, QueueAct::Retry, dead, copy, 9'000'000'001).value(), 1);
  const auto again = load_message(*database_, copy).value();
  ASSERT_TRUE(again);
  ASSERT_EQ(again->recipients.size(), 1U);
  EXPECT_EQ(again->recipients[0].destination, "Ann@example.com");
  EXPECT_EQ(load_message(*database_, sample_message(1).id).value()->recipients[0].state,
            DeliveryState::Failed)
      << "states move forward only";
  EXPECT_EQ(act_on_queue(*database_, QueueAct::Retry, of(2), MessageId{55, 6}, 1).value(), 0);
  EXPECT_FALSE(load_message(*database_, MessageId{55, 6}).value());
}

TEST_F(QueueRows, AStoryHasEveryAttempt) {
  const MessageId id = sample_message(1).id;
  for (const std::int64_t start : {10, 20}) {
    EXPECT_TRUE(update_deliveries(*database_, {{.message = id,
                                                .recipient = 1,
                                                .state = DeliveryState::Deferred,
                                                .attempts = 1,
                                                .next_attempt_us = 5,
                                                .time_us = start + 5,
                                                .code = 451,
                                                .text = "later",
                                                .started_us = start,
                                                .via = "mx:25"}})
                    .value());
  }
  const auto story = message_story(*database_, id).value();
  ASSERT_TRUE(story);
  ASSERT_EQ(story->attempts.size(), 2U);
  EXPECT_EQ(story->attempts[1].number, 2);
  EXPECT_EQ(story->attempts[1].started_us, 20);
  EXPECT_EQ(story->attempts[1].via, "mx:25");
  EXPECT_EQ(story->message.content.body, "");
  EXPECT_FALSE(message_story(*database_, MessageId{9, 9}).value());
}

TEST_F(QueueRows, ErasingTakesOneOutAndDeletesWhatIsAlone) {
  EXPECT_EQ(messages_to(*database_, "Ann@example.com").value().size(), 3U);
  EXPECT_EQ(erase_address(*database_, "Ann@example.com", 99).value(), 3);
  EXPECT_TRUE(messages_to(*database_, "Ann@example.com").value().empty());
  const auto left = load_message(*database_, sample_message(1).id).value();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->content.to, "erased, bob@other.example");
  EXPECT_EQ(left->recipients[0].destination, "erased");
  EXPECT_EQ(left->recipients[0].state, DeliveryState::Failed) << "and is not sent any more";
  EXPECT_EQ(left->recipients[1].state, DeliveryState::Pending);
  EXPECT_EQ(erase_address(*database_, "bob@other.example", 99).value(), 3);
  EXPECT_FALSE(load_message(*database_, sample_message(1).id).value());
}

}  // namespace
}  // namespace sallyport::storage
