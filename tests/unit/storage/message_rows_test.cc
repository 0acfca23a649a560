#include "storage/message_rows.h"

#include "storage/entity_put.h"
#include "storage/keeping_rows.h"
#include "storage/message_reads.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using messaging::DeliveryState;
using messaging::DeliveryUpdate;
using messaging::Idempotency;
using messaging::InsertOutcome;
using Kind = InsertOutcome::Kind;

class MessageRows : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    ASSERT_TRUE(write_entities(*database_, small_world()));
  }
  Result<InsertOutcome> insert(const messaging::Message& message,
                               const Idempotency& idempotency = {}) {
    return insert_message(*database_, message, idempotency);
  }
  Result<void> set_state(int state) {
    return database_->run(
        "UPDATE recipient SET state = ?1, next_attempt_us = CASE WHEN ?1 < 3 THEN 1000 END", state);
  }
  messaging::Recipient recipient(std::uint64_t low) {
    auto message = load_message(*database_, message_id(low));
    EXPECT_TRUE(message && *message);
    return (*message)->recipients.at(0);
  }
  std::int64_t count(Sql sql) { return database_->integer(sql).value().value(); }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

Idempotency keyed(const char* key, std::uint8_t hash, std::int64_t expires_us = 90'000) {
  Idempotency made{.key = key, .scope = "scope", .expires_us = expires_us};
  made.body_hash.fill(hash);
  return made;
}

TEST(MessageKey, IsSixteenBytesInTheOrderOfTheId) {
  const MessageId id{0x0102030405060708, 0xF1F2F3F4F5F6F7F8};
  const MessageKey key(id);
  EXPECT_EQ(key.blob().bytes, "\x01\x02\x03\x04\x05\x06\x07\x08\xF1\xF2\xF3\xF4\xF5\xF6\xF7\xF8");
  EXPECT_EQ(MessageKey::parse(key.blob().bytes), id);
  EXPECT_FALSE(MessageKey::parse("short"));
}

TEST_F(MessageRows, AMessageOfAnotherAccountsWorkspaceIsNotFound) {
  auto message = sample_message(1);
  message.workspace = kOtherWorkspace;
  auto done = insert(message);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(count("SELECT count(*) FROM message"), 0);
}

TEST_F(MessageRows, TheSameIdTwiceIsAConflictAndChangesNothing) {
  ASSERT_TRUE(insert(sample_message(1)));
  const auto before = database_->total_changes();
  auto again = insert(sample_message(1));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(database_->total_changes(), before);
}

TEST_F(MessageRows, RecipientsOutOfOrderAreRefusedBeforeAnythingIsWritten) {
  auto message = sample_message(1);
  message.recipients.push_back(message.recipients.front());
  EXPECT_FALSE(insert(message));
  EXPECT_EQ(count("SELECT count(*) FROM message"), 0);
}

TEST_F(MessageRows, TheSameKeyAndBodyIsAReplayOfTheFirst) {
  EXPECT_EQ(insert(sample_message(1), keyed("k", 1)).value().kind, Kind::Stored);
  auto again = insert(sample_message(2), keyed("k", 1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kind, Kind::Replayed);
  EXPECT_EQ(again->id, message_id(1));
  EXPECT_EQ(count("SELECT count(*) FROM message"), 1);
}

TEST_F(MessageRows, TheSameKeyWithAnotherBodyIsAConflict) {
  ASSERT_TRUE(insert(sample_message(1), keyed("k", 1)));
  auto other = insert(sample_message(2), keyed("k", 2));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->kind, Kind::Conflict);
  EXPECT_EQ(count("SELECT count(*) FROM message"), 1);
}

TEST_F(MessageRows, TheSameKeyInAnotherScopeIsAnotherKey) {
  ASSERT_TRUE(insert(sample_message(1), keyed("k", 1)));
  auto elsewhere = keyed("k", 1);
  elsewhere.scope = "other scope";
  EXPECT_EQ(insert(sample_message(2), elsewhere).value().kind, Kind::Stored);
}

TEST_F(MessageRows, AnExpiredKeyIsForgottenAndReplaced) {
  ASSERT_TRUE(insert(sample_message(1, 1000), keyed("k", 1, 5000)));
  EXPECT_EQ(insert(sample_message(2, 4999), keyed("k", 2, 9000)).value().kind, Kind::Conflict);
  EXPECT_EQ(insert(sample_message(3, 5000), keyed("k", 2, 9000)).value().kind, Kind::Stored);
  EXPECT_EQ(insert(sample_message(4, 5001), keyed("k", 2, 9000)).value().id, message_id(3));
}

TEST_F(MessageRows, ExpiredKeysAreClearedAwayAsOthersCome) {
  for (std::uint64_t i = 1; i <= 6; ++i) {
    ASSERT_TRUE(insert(sample_message(i, 1000), keyed(std::to_string(i).c_str(), 1, 2000)));
  }
  for (std::uint64_t i = 11; i <= 13; ++i) {
    ASSERT_TRUE(insert(sample_message(i, 3000), keyed(std::to_string(i).c_str(), 1, 9000)));
  }
  EXPECT_EQ(count("SELECT count(*) FROM idempotency"), 3);
}

TEST_F(MessageRows, WithoutAKeyNothingIsRemembered) {
  ASSERT_TRUE(insert(sample_message(1)));
  ASSERT_TRUE(insert(sample_message(2)));
  EXPECT_EQ(count("SELECT count(*) FROM idempotency"), 0);
}

DeliveryUpdate to(DeliveryState state, std::int32_t attempts = 1) {
  return {.message = message_id(1),
          .recipient = 1,
          .state = state,
          .attempts = attempts,
          .next_attempt_us = 7000,
          .time_us = 5000,
          .code = 450,
          .text = "later"};
}

TEST_F(MessageRows, StatesMoveForwardOnly) {
  using S = DeliveryState;
  const S states[] = {S::Pending,   S::Attempting, S::Deferred, S::Sent,
                      S::Delivered, S::Read,       S::Failed,   S::InDoubt};
  // Which column may follow the row's state, in the order above.
  const char* const allowed[] = {
      /* pending    */ ".adsvrf.",
      /* attempting */ "..dsvrfi",
      /* deferred   */ ".adsvrf.",
      /* sent       */ "....vrf.",
      /* delivered  */ ".....r..",
      /* read       */ "........",
      /* failed     */ "........",
      /* in doubt   */ "...svrf.",
  };
  ASSERT_TRUE(insert(sample_message(1)));
  for (int from = 0; from < 8; ++from) {
    for (int next = 0; next < 8; ++next) {
      ASSERT_TRUE(set_state(from));
      auto moved = update_deliveries(*database_, {to(states[next])});
      ASSERT_TRUE(moved);
      const bool may = allowed[from][next] != '.';
      EXPECT_EQ(*moved, may) << "from " << from << " to " << next;
      EXPECT_EQ(recipient(1).state, may ? states[next] : states[from]);
    }
  }
}

TEST_F(MessageRows, AnAttemptIsCountedAndKeepsTheLastAnswer) {
  ASSERT_TRUE(insert(sample_message(1)));
  ASSERT_TRUE(update_deliveries(*database_, {to(DeliveryState::Attempting, 1)}).value());
  ASSERT_TRUE(update_deliveries(*database_, {to(DeliveryState::Deferred, 1)}).value());
  EXPECT_EQ(recipient(1).next_attempt_us, 7000);
  auto second = to(DeliveryState::Attempting, 2);
  second.code = 0;
  second.text = "";
  ASSERT_TRUE(update_deliveries(*database_, {second}).value());
  const auto found = recipient(1);
  EXPECT_EQ(found.state, DeliveryState::Attempting);
  EXPECT_EQ(found.attempts, 2);
  EXPECT_EQ(found.last_code, 450);
  EXPECT_EQ(found.last_text, "later");
}

TEST_F(MessageRows, EachEndHasItsTime) {
  struct Case {
    DeliveryState state;
    std::int64_t sent, delivered, failed;
  };
  const Case cases[] = {{DeliveryState::Sent, 5000, 0, 0},
                        {DeliveryState::Delivered, 0, 5000, 0},
                        {DeliveryState::Failed, 0, 0, 5000}};
  ASSERT_TRUE(insert(sample_message(1)));
  for (const auto& row : cases) {
    ASSERT_TRUE(
        database_->execute("UPDATE recipient SET state = 1, next_attempt_us = 1, sent_us = 0, "
                           "delivered_us = 0, failed_us = 0"));
    ASSERT_TRUE(update_deliveries(*database_, {to(row.state)}).value());
    const auto found = recipient(1);
    EXPECT_EQ(found.sent_us, row.sent);
    EXPECT_EQ(found.delivered_us, row.delivered);
    EXPECT_EQ(found.failed_us, row.failed);
    EXPECT_EQ(found.next_attempt_us, 0);
    EXPECT_EQ(found.last_code, 450);
  }
}

TEST_F(MessageRows, OneThatMayNotMoveDoesNotStopTheOthers) {
  auto message = sample_message(1);
  message.recipients.push_back(message.recipients.front());
  message.recipients.back().index = 2;
  ASSERT_TRUE(insert(message));
  auto unknown = to(DeliveryState::Sent);
  unknown.recipient = 3;
  auto second = to(DeliveryState::Sent);
  second.recipient = 2;
  EXPECT_FALSE(update_deliveries(*database_, {unknown, second}).value());
  EXPECT_EQ(count("SELECT count(*) FROM recipient WHERE state = 3 AND n = 2"), 1);
}

TEST_F(MessageRows, AttemptsWithoutAnEndBecomeDueAgain) {
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(insert(sample_message(i)));
  ASSERT_TRUE(update_deliveries(*database_, {to(DeliveryState::Attempting)}).value());
  auto sent = to(DeliveryState::Sent);
  sent.message = message_id(2);
  ASSERT_TRUE(update_deliveries(*database_, {sent}).value());
  EXPECT_EQ(recover_attempts(*database_, 8000, {}).value(), 1);
  EXPECT_EQ(recipient(1).state, DeliveryState::Deferred);
  EXPECT_EQ(recipient(1).next_attempt_us, 8000);
  EXPECT_EQ(recipient(1).attempts, 1);
  EXPECT_EQ(recipient(2).state, DeliveryState::Sent);
  EXPECT_EQ(recipient(3).state, DeliveryState::Pending);
  EXPECT_EQ(recover_attempts(*database_, 9000, {}).value(), 0);
}

}  // namespace
}  // namespace sallyport::storage
