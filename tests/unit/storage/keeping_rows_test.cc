#include "storage/keeping_rows.h"

#include "storage/entity_put.h"
#include "storage/message_reads.h"
#include "storage/message_rows.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using messaging::DeliveryState;
using messaging::InDoubtPolicies;
using messaging::InDoubtPolicy;
using messaging::Message;
using messaging::MessageClass;

class KeepingRows : public ::testing::Test {
 protected:
  KeepingRows() { EXPECT_TRUE(write_entities(*database_, small_world())); }
  void put(const Message& message) { EXPECT_TRUE(insert_message(*database_, message, {})); }
  DeliveryState state_of(std::uint64_t number) {
    return load_message(*database_, sample_message(number).id).value()->recipients[0].state;
  }
  std::int64_t count(Sql sql) { return database_->integer(sql).value().value_or(-1); }

  Directory directory_;
  std::unique_ptr<Database> database_ = open_schema(directory_);
};

TEST_F(KeepingRows, AttemptsWithoutAnEndAreInDoubtByThePolicy) {
  for (const auto& [number, kind] :
       {std::pair(1, MessageClass::Transactional), std::pair(2, MessageClass::Marketing)}) {
    Message message = sample_message(static_cast<std::uint64_t>(number));
    message.kind = kind;
    put(message);
    EXPECT_TRUE(update_deliveries(*database_, {{.message = message.id,
                                                .recipient = 1,
                                                .state = DeliveryState::Attempting,
                                                .attempts = 1}})
                    .value());
  }
  EXPECT_EQ(recover_attempts(*database_, 9000, {}).value(), 2);
  EXPECT_EQ(state_of(1), DeliveryState::Deferred);
  EXPECT_EQ(state_of(2), DeliveryState::InDoubt);
  EXPECT_EQ(count("SELECT count(*) FROM attempt WHERE result = 7 AND started_us = 0"), 2);
  EXPECT_EQ(recover_attempts(*database_, 9000, {}).value(), 0);
}

TEST_F(KeepingRows, ARepetitionIsACopyWithItsOwnStates) {
  Message message = sample_message(1);
  message.not_before_us = message.created_us;
  message.repetition = {2, 0, 0, 1, "UTC"};
  put(message);
  const std::int64_t next = next_repetition(*database_).value().value_or(0);
  EXPECT_EQ(next, message.created_us + 60'000'000);
  EXPECT_TRUE(due_repetitions(*database_, next - 1).value().empty());
  const auto due = due_repetitions(*database_, next).value();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].message, message.id);
  const MessageId copy{77, 1};
  EXPECT_TRUE(repeat_message(*database_, message.id, copy, next, next + 60'000'000).value());
  const auto found = load_message(*database_, copy).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->created_us, next);
  EXPECT_EQ(found->content.subject, message.content.subject);
  EXPECT_EQ(found->recipients.size(), message.recipients.size());
  EXPECT_EQ(found->recipients[0].state, DeliveryState::Pending);
  EXPECT_TRUE(repeat_message(*database_, message.id, MessageId{77, 2}, next, next).value());
  EXPECT_FALSE(next_repetition(*database_).value()) << "two were wanted";
  EXPECT_FALSE(repeat_message(*database_, message.id, MessageId{77, 3}, next, next).value());
}

TEST_F(KeepingRows, OnlyWhatIsAtItsEndIsDeleted) {
  const Message open = sample_message(1);
  const Message ended = sample_message(2);
  put(open);
  put(ended);
  std::vector<messaging::DeliveryUpdate> ends;
  for (const auto& one : ended.recipients) {
    ends.push_back({.message = ended.id,
                    .recipient = one.index,
                    .state = DeliveryState::Sent,
                    .time_us = 5,
                    .started_us = 4});
  }
  EXPECT_TRUE(update_deliveries(*database_, ends).value());
  EXPECT_EQ(purge_messages(*database_, {kAccount, ended.created_us}).value(), 0) << "too young";
  EXPECT_EQ(purge_messages(*database_, {kOtherAccount, ended.created_us + 1}).value(), 0);
  EXPECT_EQ(purge_messages(*database_, {kAccount, ended.created_us + 1}).value(), 1);
  EXPECT_FALSE(load_message(*database_, ended.id).value());
  EXPECT_TRUE(load_message(*database_, open.id).value());
  EXPECT_EQ(count("SELECT count(*) FROM attempt"), 0);
}

TEST_F(KeepingRows, KnowsTheAccounts) { EXPECT_EQ(account_ids(*database_).value().size(), 2U); }

}  // namespace
}  // namespace sallyport::storage
