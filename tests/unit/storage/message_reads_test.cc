#include "storage/message_reads.h"

#include "storage/entity_put.h"
#include "storage/message_rows.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using messaging::DeliveryState;
using messaging::ListQuery;
using messaging::Message;

class MessageReads : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    ASSERT_TRUE(write_entities(*database_, small_world()));
  }
  void insert(const Message& message) {
    auto done = insert_message(*database_, message, {});
    ASSERT_TRUE(done) << done.error().message;
  }
  // The low halves of the ids, in order.
  std::vector<std::uint64_t> listed(const ListQuery& query) {
    auto messages = list_messages(*database_, query);
    EXPECT_TRUE(messages);
    std::vector<std::uint64_t> lows;
    for (const auto& message : *messages) lows.push_back(message.id.low);
    return lows;
  }
  std::vector<std::uint64_t> due(std::int64_t now_us, std::int64_t limit) {
    auto rows = due_recipients(*database_, now_us, limit);
    EXPECT_TRUE(rows);
    std::vector<std::uint64_t> lows;
    for (const auto& row : *rows) lows.push_back(row.message.low);
    return lows;
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

using Lows = std::vector<std::uint64_t>;

Message of_other(std::uint64_t low, std::int64_t due_us = 1000) {
  auto message = sample_message(low, 1000, due_us);
  message.account = kOtherAccount;
  message.workspace = kOtherWorkspace;
  return message;
}

TEST_F(MessageReads, ReadsBackEverythingThatWasStored) {
  auto stored = sample_message(1);
  stored.environment = Environment::Test;
  stored.content.label = "label";
  stored.content.type = messaging::MessageType::NoDlr;
  stored.content.receipts = messaging::Receipts::Delivered;
  stored.content.email = messaging::EmailPart{
      .body = "<p>",
      .footer = "foot",
      .type = "text/html",
      .attachments = {{"a.bin", "first", std::string("\0\xFF", 2)}, {"b.txt", "", ""}}};
  stored.recipients[0].attempts = 3;
  stored.recipients[0].last_code = 450;
  stored.recipients[0].last_text = "later";
  stored.recipients.push_back({.index = 2,
                               .channel = messaging::ChannelKind::Sms,
                               .destination = "+61400400400",
                               .state = DeliveryState::Deferred,
                               .next_attempt_us = 9,
                               .sent_us = 10,
                               .delivered_us = 11,
                               .failed_us = 12});
  insert(stored);
  auto found = find_message(*database_, kAccount, kWorkspace, message_id(1), true);
  ASSERT_TRUE(found && *found);
  const Message& m = **found;
  EXPECT_EQ(m.id, stored.id);
  EXPECT_EQ(m.account, kAccount);
  EXPECT_EQ(m.workspace, kWorkspace);
  EXPECT_EQ(m.user, kUser);
  EXPECT_EQ(m.application, kApplication);
  EXPECT_EQ(m.environment, Environment::Test);
  EXPECT_EQ(m.from_name, "Ann Example");
  EXPECT_EQ(m.username, "Ann");
  EXPECT_EQ(m.created_us, 1000);
  EXPECT_EQ(m.content.to, "a@example.test");
  EXPECT_EQ(m.content.subject, "subject 1");
  EXPECT_EQ(m.content.body, "body");
  EXPECT_EQ(m.content.label, "label");
  EXPECT_EQ(m.content.type, messaging::MessageType::NoDlr);
  EXPECT_EQ(m.content.receipts, messaging::Receipts::Delivered);
  ASSERT_TRUE(m.content.email);
  EXPECT_EQ(m.content.email->body, "<p>");
  EXPECT_EQ(m.content.email->footer, "foot");
  EXPECT_EQ(m.content.email->type, "text/html");
  ASSERT_EQ(m.content.email->attachments.size(), 2U);
  EXPECT_EQ(m.content.email->attachments[0].name, "a.bin");
  EXPECT_EQ(m.content.email->attachments[0].description, "first");
  EXPECT_EQ(m.content.email->attachments[0].content, "") << "a reader sees names only";
  const auto sent = load_message(*database_, m.id);
  ASSERT_TRUE(sent && *sent);
  EXPECT_EQ((*sent)->content.email->attachments[0].content, std::string("\0\xFF", 2));
  ASSERT_EQ(m.recipients.size(), 2U);
  EXPECT_EQ(m.recipients[0].attempts, 3);
  EXPECT_EQ(m.recipients[0].last_code, 450);
  EXPECT_EQ(m.recipients[0].last_text, "later");
  EXPECT_EQ(m.recipients[0].next_attempt_us, 1000);
  EXPECT_EQ(m.recipients[1].index, 2);
  EXPECT_EQ(m.recipients[1].channel, messaging::ChannelKind::Sms);
  EXPECT_EQ(m.recipients[1].destination, "+61400400400");
  EXPECT_EQ(m.recipients[1].state, DeliveryState::Deferred);
  EXPECT_EQ(m.recipients[1].sent_us, 10);
  EXPECT_EQ(m.recipients[1].delivered_us, 11);
  EXPECT_EQ(m.recipients[1].failed_us, 12);
}

TEST_F(MessageReads, WithoutContentThereAreStatesButNoBodies) {
  insert(sample_message(1));
  auto found = find_message(*database_, kAccount, kWorkspace, message_id(1), false);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->content.body, "");
  EXPECT_EQ((*found)->recipients.size(), 1U);
}

TEST_F(MessageReads, IsFoundOnlyWithinItsAccountAndWorkspace) {
  insert(sample_message(1));
  struct Case {
    AccountId account;
    WorkspaceId workspace;
    std::uint64_t low;
    bool found;
  };
  const Case cases[] = {{kAccount, kWorkspace, 1, true},
                        {kOtherAccount, kWorkspace, 1, false},
                        {kAccount, kOtherWorkspace, 1, false},
                        {kOtherAccount, kOtherWorkspace, 1, false},
                        {kAccount, kWorkspace, 2, false}};
  for (const auto& row : cases) {
    auto found = find_message(*database_, row.account, row.workspace, message_id(row.low), true);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->has_value(), row.found);
  }
  EXPECT_FALSE(load_message(*database_, message_id(2)).value());
}

TEST_F(MessageReads, Lists) {
  for (std::uint64_t i = 1; i <= 5; ++i) {
    auto message = sample_message(i, static_cast<std::int64_t>(i) * 100);
    if (i % 2 == 0) message.content.label = "even";
    if (i > 3) message.user = UserId{99};
    insert(message);
  }
  insert(of_other(6));
  struct Case {
    const char* sentence;
    ListQuery query;
    Lows expected;
  };
  const ListQuery all{.account = kAccount, .workspace = kWorkspace};
  auto of = [&](auto change) {
    ListQuery query = all;
    change(query);
    return query;
  };
  const Case cases[] = {
      {"everything, newest first", all, {5, 4, 3, 2, 1}},
      {"of one user", of([](auto& q) { q.user = kUser; }), {3, 2, 1}},
      {"with a label", of([](auto& q) { q.label = "even"; }), {4, 2}},
      {"an empty label is no condition", of([](auto& q) { q.label = ""; }), {5, 4, 3, 2, 1}},
      {"both",
       of([](auto& q) {
         q.user = kUser;
         q.label = "even";
       }),
       {2}},
      {"a span, both ends included",
       of([](auto& q) {
         q.from_us = 200;
         q.to_us = 400;
       }),
       {4, 3, 2}},
      {"a page",
       of([](auto& q) {
         q.offset = 1;
         q.limit = 2;
       }),
       {4, 3}},
      {"past the end", of([](auto& q) { q.offset = 5; }), {}},
      {"another account's workspace", of([](auto& q) { q.workspace = kOtherWorkspace; }), {}},
  };
  for (const auto& row : cases) EXPECT_EQ(listed(row.query), row.expected) << row.sentence;
  EXPECT_EQ(list_messages(*database_, all).value().front().content.subject, "subject 5");
}

TEST_F(MessageReads, DueAreTheOldestWhoseTimeHasCome) {
  insert(sample_message(1, 1, 300));
  insert(sample_message(2, 1, 100));
  insert(sample_message(3, 1, 200));
  insert(sample_message(4, 1, 900));
  EXPECT_EQ(due(300, 10), (Lows{2, 3, 1}));
  EXPECT_EQ(due(300, 2), (Lows{2, 3}));
  EXPECT_EQ(due(99, 10), Lows{});
  EXPECT_EQ(due(300, 0), Lows{});
  EXPECT_EQ(next_due(*database_).value(), 100);
}

TEST_F(MessageReads, OnlyPendingAndDeferredAreDue) {
  insert(sample_message(1));
  for (int state = 0; state < 8; ++state) {
    ASSERT_TRUE(database_->run(
        "UPDATE recipient SET state = ?1, next_attempt_us = CASE WHEN ?1 < 3 THEN 1000 END",
        state));
    const bool open = state == 0 || state == 2;
    EXPECT_EQ(due(5000, 10).size(), open ? 1U : 0U) << state;
    EXPECT_EQ(next_due(*database_).value().has_value(), open) << state;
  }
}

TEST_F(MessageReads, AccountsTakeTurns) {
  for (std::uint64_t i = 1; i <= 50; ++i) insert(sample_message(i, 1, 100));
  insert(of_other(101, 200));
  insert(of_other(102, 200));
  EXPECT_EQ(due(500, 6), (Lows{1, 101, 2, 102, 3, 4})) << "what one does not use the other gets";
  EXPECT_EQ(due(500, 2), (Lows{1, 101}));
  EXPECT_EQ(due(500, 1), (Lows{1}));
}

TEST_F(MessageReads, NewAndDeferredWorkTakeTurns) {
  for (std::uint64_t i = 1; i <= 4; ++i) insert(sample_message(i, 1, 100));
  for (std::uint64_t i = 11; i <= 14; ++i) insert(sample_message(i, 1, 200));
  ASSERT_TRUE(database_->execute("UPDATE recipient SET state = 2 WHERE next_attempt_us = 100"));
  EXPECT_EQ(due(500, 4), (Lows{11, 1, 12, 2}));
}

TEST_F(MessageReads, ASuspendedAccountsMessagesAreHeld) {
  insert(sample_message(1, 1, 100));
  insert(of_other(101, 200));
  ASSERT_TRUE(database_->run("UPDATE account SET status = 'suspended' WHERE id = ?", kAccount));
  EXPECT_EQ(due(500, 10), (Lows{101}));
  EXPECT_EQ(next_due(*database_).value(), 200);
  ASSERT_TRUE(database_->execute("UPDATE account SET status = 'active'"));
  EXPECT_EQ(due(500, 10), (Lows{1, 101}));
}

}  // namespace
}  // namespace sallyport::storage
