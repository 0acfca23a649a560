#include "messaging/channels/smpp.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "support/manual_loop.h"
#include "unit/messaging/channels/smpp/scripted_smsc.h"
#include "unit/messaging/fake_sms_store.h"

namespace sallyport::messaging::test {
namespace {

using Kind = RecipientResult::Kind;
using Cause = RecipientResult::Cause;
using namespace std::string_literals;

Task<void> drive(Channel* channel, Attempt attempt, std::optional<Delivery>* out) {
  Delivery delivery = co_await channel->deliver(std::move(attempt));
  out->emplace(std::move(delivery));
}

// deliver_sm from 61400400400 to 61411222333.
std::string deliver_body(unsigned char esm_class, unsigned char coding, std::string text) {
  std::string body = "\0\x01\x01"s + "61400400400\0"s + "\x01\x01"s + "61411222333\0"s;
  body += static_cast<char>(esm_class);
  body += "\0\0\0\0\0\0"s;
  body += static_cast<char>(coding);
  body += '\0';
  body += static_cast<char>(text.size());
  return body + text;
}

class SmppChannelTest : public testing::Test {
 protected:
  SmppChannelTest() {
    settings_.binds.resize(1);
    settings_.binds[0].name = "one";
    settings_.binds[0].host = settings_.binds[0].smsc = "smsc.example.com";
    message_.id = MessageId{1, 2};
    message_.account = AccountId{9};
    message_.content.subject = "Hello";
    message_.content.body = "there";
    to("+61400400400");
  }
  void to(std::string number) {
    Recipient& one = message_.recipients.emplace_back();
    one.index = static_cast<std::int32_t>(message_.recipients.size());
    one.channel = ChannelKind::Sms;
    one.destination = std::move(number);
  }
  void start() {
    channel_.emplace(settings_, store_, smsc_, loop_, clock_);
    ASSERT_TRUE(channel_->load_passwords());
    channel_->start();
    loop_.run_all();
  }
  void deliver() {
    Attempt attempt{message_, {}};
    for (const Recipient& one : message_.recipients) attempt.recipients.push_back(one.index);
    delivery_.reset();
    task_ = drive(&*channel_, std::move(attempt), &delivery_);
    task_.start();
    loop_.run_all();
  }
  RecipientResult only() {
    EXPECT_TRUE(delivery_);
    EXPECT_EQ(delivery_->results.size(), 1U);
    return delivery_->results.at(0);
  }
  std::vector<std::string> submits() const {
    std::vector<std::string> bodies;
    for (const SmppPdu& one : smsc_.received) {
      if (one.command == SmppCommand::SubmitSm) bodies.push_back(one.body);
    }
    return bodies;
  }

  config::SmsChannel settings_;
  Message message_;
  ManualClock clock_;
  sallyport::test::ManualLoop loop_{clock_};
  ScriptedSmsc smsc_;
  FakeSmsStore store_;
  std::optional<SmppChannel> channel_;
  std::optional<Delivery> delivery_;
  Task<void> task_;
};

TEST_F(SmppChannelTest, SendsAndRecordsTheId) {
  start();
  smsc_.submit_answers = {{kSmppOk, "00AB"}};
  deliver();
  const RecipientResult result = only();
  EXPECT_EQ(result.kind, Kind::Sent);
  EXPECT_EQ(result.via, "one");
  EXPECT_EQ(result.text, "accepted as 00AB");
  ASSERT_EQ(store_.accepted.size(), 1U);
  const AcceptedPart& part = store_.accepted[0];
  EXPECT_EQ(part.key, "ab");
  EXPECT_EQ(part.smsc, "smsc.example.com");
  EXPECT_EQ(part.number, "+61400400400");
  EXPECT_EQ(part.account, AccountId{9});
  EXPECT_EQ(submits().at(0),
            "\0\0\0\0\x01\x01"s + "61400400400\0"s + "\0\0\0\0\0\x01\0\0\0\x0B"s + "Hello\nthere");
}

TEST_F(SmppChannelTest, WhoWantsNoReceiptAsksForNone) {
  start();
  smsc_.submit_answers.assign(3, {kSmppOk, "1"});
  message_.content.type = MessageType::NoDlr;
  deliver();
  message_.content.type = MessageType::Default;
  message_.content.receipts = Receipts::None;
  deliver();
  message_.content.receipts = Receipts::Delivered;
  deliver();
  std::vector<int> registered;
  for (const std::string& body : submits()) {
    registered.push_back(body.at(body.size() - "Hello\nthere"s.size() - 5));
  }
  EXPECT_EQ(registered, (std::vector<int>{0, 0, 1}));
}

TEST_F(SmppChannelTest, AnAnswerThatComesTooLateIsRecorded) {
  settings_.binds[0].enquire_interval = std::chrono::minutes(10);
  start();
  smsc_.silent = true;
  deliver();
  loop_.advance_us(31'000'000);
  EXPECT_EQ(only().kind, Kind::InDoubt);
  smsc_.answer_submit(0, kSmppOk, "00AB");
  loop_.run_all();
  ASSERT_EQ(store_.accepted.size(), 1U);
  EXPECT_TRUE(store_.accepted[0].late);
  EXPECT_EQ(store_.accepted[0].key, "ab");
  EXPECT_EQ(store_.accepted[0].number, "+61400400400");
}

TEST_F(SmppChannelTest, SendersAndValidity) {
  settings_.sender = "Owner";
  message_.expires_us = clock_.unix_us() + (26LL * 3600 + 62) * 1'000'000;
  start();
  smsc_.submit_answers.assign(3, {kSmppOk, "1"});
  deliver();
  message_.sms_sender = "+61411222333";
  message_.expires_us = 0;
  deliver();
  message_.sms_sender = "12345";
  deliver();
  const auto sent = submits();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_TRUE(sent[0].starts_with("\0\x05\0Owner\0"s));
  EXPECT_NE(sent[0].find("000001020102000R"), std::string::npos);
  EXPECT_TRUE(sent[1].starts_with("\0\x01\x01"s + "61411222333\0"s));
  EXPECT_TRUE(sent[2].starts_with("\0\0\0"s + "12345\0"s));
}

TEST_F(SmppChannelTest, ALaterPartThatFailsIsAllThatGoesAgain) {
  message_.content.body.assign(400, 'x');
  start();
  smsc_.submit_answers = {{kSmppOk, "1"}, {kSmppSystemError, ""}};
  deliver();
  EXPECT_EQ(only().kind, Kind::Deferred);
  EXPECT_EQ(only().text, "part 2 of 3: system error");
  EXPECT_EQ(store_.accepted.size(), 1U);
  store_.dispatch.parts = {1};
  smsc_.submit_answers = {{kSmppOk, "2"}, {kSmppOk, "3"}};
  deliver();
  EXPECT_EQ(only().kind, Kind::Sent);
  const auto sent = submits();
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[1], sent[2]) << "with the same reference";
  EXPECT_EQ(store_.accepted.back().part, 3);
  EXPECT_EQ(store_.accepted.back().parts, 3);
}

TEST_F(SmppChannelTest, WhoHasSentStopGetsNothing) {
  start();
  store_.dispatch.stopped = true;
  deliver();
  EXPECT_EQ(only().kind, Kind::Failed);
  EXPECT_EQ(submits().size(), 0U);
  store_.reads_fail = true;
  deliver();
  EXPECT_EQ(only().kind, Kind::Deferred) << "a store that cannot say is no permission";
  EXPECT_EQ(submits().size(), 0U);
}

TEST_F(SmppChannelTest, WhatTheSmscAnswers) {
  start();
  smsc_.submit_answers = {{0x0B, ""}};
  deliver();
  EXPECT_EQ(only().kind, Kind::Failed);
  EXPECT_EQ(only().code, 0x0B);
  message_.recipients[0].destination = "+61 (4) \r\n";
  deliver();
  EXPECT_EQ(only().kind, Kind::Failed) << "checked again before the wire";
  EXPECT_EQ(submits().size(), 1U);
}

TEST_F(SmppChannelTest, ThrottlingWaitsAndIsNoAttempt) {
  start();
  smsc_.submit_answers = {{kSmppThrottled, ""}, {kSmppQueueFull, ""}, {kSmppOk, "1"}};
  deliver();
  EXPECT_FALSE(delivery_);
  loop_.advance_us(1'100'000);
  EXPECT_FALSE(delivery_) << "it slows down further";
  loop_.advance_us(2'100'000);
  EXPECT_EQ(only().kind, Kind::Sent);
  smsc_.submit_answers.assign(50, {kSmppThrottled, ""});
  deliver();
  loop_.advance_us(70'000'000);
  EXPECT_EQ(only().kind, Kind::Deferred);
  EXPECT_EQ(only().cause, Cause::Throttled);
}

TEST_F(SmppChannelTest, WithoutABindItWaitsAWhile) {
  smsc_.bind_status = 0x0E;
  start();
  deliver();
  EXPECT_FALSE(delivery_);
  loop_.advance_us(31'000'000);
  EXPECT_EQ(only().kind, Kind::Deferred);
  EXPECT_EQ(only().cause, Cause::Destination);
  deliver();
  smsc_.bind_status = kSmppOk;
  smsc_.submit_answers = {{kSmppOk, "1"}};
  loop_.advance_us(61'000'000);
  EXPECT_TRUE(delivery_);
}

TEST_F(SmppChannelTest, AStopEndsWhatWaits) {
  smsc_.bind_status = 0x0E;
  start();
  deliver();
  channel_->stop();
  loop_.run_all();
  EXPECT_EQ(only().kind, Kind::Deferred);
  bool closed = false;
  channel_->close([&closed] { closed = true; });
  loop_.run_all();
  EXPECT_TRUE(closed);
}

TEST_F(SmppChannelTest, TheSmscIsToldGoodbye) {
  start();
  channel_->stop();
  bool closed = false;
  channel_->close([&closed] { closed = true; });
  loop_.advance_us(1'100'000);
  EXPECT_TRUE(closed);
  EXPECT_EQ(smsc_.count(SmppCommand::Unbind), 1U);
}

TEST_F(SmppChannelTest, ABrokenConnectionIsInDoubt) {
  start();
  smsc_.silent = true;
  deliver();
  smsc_.drop();
  loop_.run_all();
  EXPECT_EQ(only().kind, Kind::InDoubt);
}

TEST_F(SmppChannelTest, AnIdIsRecordedUntilTheStoreTakesIt) {
  start();
  store_.failing_writes = 2;
  smsc_.submit_answers = {{kSmppOk, "1"}};
  deliver();
  EXPECT_FALSE(delivery_);
  loop_.advance_us(2'100'000);
  EXPECT_EQ(only().kind, Kind::Sent);
  EXPECT_EQ(store_.accepted.size(), 1U);
}

TEST_F(SmppChannelTest, ReceiptsAreAnsweredWhenTheyAreStored) {
  start();
  smsc_.deliver(5, deliver_body(4, 0, "id:00ab stat:DELIVRD err:000"));
  loop_.run_all();
  ASSERT_EQ(store_.reports.size(), 1U);
  EXPECT_TRUE(store_.reports[0].delivered);
  EXPECT_EQ(store_.reports[0].keys, (std::vector<std::string>{"ab", "171"}));
  EXPECT_EQ(store_.reports[0].numbers, (std::vector<std::string>{"+61400400400", "+61411222333"}));
  EXPECT_EQ(smsc_.received.back().status, kSmppOk);
  store_.failing_writes = 1;
  smsc_.deliver(6, deliver_body(4, 0, "id:ac stat:UNDELIV err:011"));
  loop_.run_all();
  EXPECT_EQ(smsc_.received.back().sequence, 6U);
  EXPECT_EQ(smsc_.received.back().status, kSmppTemporary) << "the SMSC sends it again";
  for (const char* text : {"id:ad stat:ENROUTE err:000", "no receipt at all"}) {
    smsc_.deliver(7, deliver_body(4, 0, text));
    loop_.run_all();
    EXPECT_EQ(smsc_.received.back().status, kSmppOk) << text;
  }
  EXPECT_EQ(store_.reports.size(), 1U);
}

TEST_F(SmppChannelTest, AnIdAloneMakesNoReceipt) {
  start();
  const std::string id = "\x00\x1E\x00\x03"s + "ab\0"s;  // receipted_message_id
  smsc_.deliver(1, deliver_body(0, 0, "hello") + id);
  smsc_.deliver(2, deliver_body(0, 0, "hello") + id + "\x04\x27\x00\x01\x02"s);  // message_state
  smsc_.deliver(3, deliver_body(0, 0, "id:ab stat:DELIVRD err:000") + id);
  loop_.run_all();
  ASSERT_EQ(store_.incoming.size(), 1U);
  EXPECT_EQ(store_.incoming[0].text, "hello");
  EXPECT_EQ(store_.reports.size(), 2U);
  EXPECT_EQ(channel_->counters()[0].incoming, 1U);
  EXPECT_EQ(channel_->counters()[0].receipts, 2U);
}

TEST_F(SmppChannelTest, WhatPeopleWriteIsStored) {
  start();
  smsc_.deliver(1, deliver_body(0, 0, "\x1B\x65 stop"));
  smsc_.deliver(2, deliver_body(0, 8, "\x04\x1F"));
  smsc_.deliver(3, deliver_body(0, 3, "\xE9t\xE9"));
  smsc_.deliver(4, deliver_body(0x40, 0, "\x05\x00\x03\x07\x02\x01part"s));
  smsc_.deliver(5, deliver_body(0x40, 0, "\x7Fpart"));
  loop_.run_all();
  ASSERT_EQ(store_.incoming.size(), 4U);
  EXPECT_EQ(store_.incoming[0].text, "€ stop");
  EXPECT_EQ(store_.incoming[0].source, "+61400400400");
  EXPECT_EQ(store_.incoming[0].destination, "+61411222333");
  EXPECT_EQ(store_.incoming[1].text, "П");
  EXPECT_EQ(store_.incoming[2].text, "été");
  EXPECT_EQ(store_.incoming[3].text, "part");
  EXPECT_EQ(store_.incoming[3].total, 2);
  EXPECT_EQ(store_.incoming[3].reference, 7);
  EXPECT_EQ(smsc_.count(SmppCommand::DeliverSmResp), 5U);
}

TEST_F(SmppChannelTest, PasswordFiles) {
  const std::string path = testing::TempDir() + "smpp-password";
  settings_.binds[0].password_file = path;
  SmppChannel channel(settings_, store_, smsc_, loop_, clock_);
  ::unlink(path.c_str());
  EXPECT_FALSE(channel.load_passwords()) << "missing";
  std::ofstream(path) << "secret\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_FALSE(channel.load_passwords()) << "open to others";
  ::chmod(path.c_str(), 0600);
  EXPECT_TRUE(channel.load_passwords());
  std::ofstream(path) << "ninechars\n";
  const auto longer = channel.load_passwords();
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().message.find("ninechars"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::messaging::test
