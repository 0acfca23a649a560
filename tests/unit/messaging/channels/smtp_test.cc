#include "messaging/channels/smtp.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "messaging/loop_wait.h"
#include "unit/messaging/channels/scripted_relay.h"

namespace sallyport::messaging::test {
namespace {

using Kind = RecipientResult::Kind;

Message message(std::vector<std::string> to) {
  Message made;
  made.id = MessageId{1, 2};
  made.content.subject = "s";
  made.content.body = "b";
  for (std::string& one : to) {
    Recipient& recipient = made.recipients.emplace_back();
    recipient.index = static_cast<std::int32_t>(made.recipients.size());
    recipient.destination = std::move(one);
  }
  return made;
}

Task<void> drive(Channel* channel, Attempt attempt, std::optional<Delivery>* out) {
  Delivery delivery = co_await channel->deliver(std::move(attempt));
  out->emplace(std::move(delivery));
}

// Connections that stay in their connecting until they are let go.
class SlowRelay final : public Connector {
 public:
  explicit SlowRelay(ScriptedRelay& relay) : relay_(relay) {}
  Task<Result<std::unique_ptr<Stream>>> connect(std::string host, std::uint16_t port,
                                                std::int64_t deadline_us) override {
    LoopWait<bool> go;
    waiting.push_back(go.resolver());
    co_await go;
    auto stream = co_await relay_.connect(std::move(host), port, deadline_us);
    co_return stream;
  }
  void let_one_go() {
    auto next = waiting.front();
    waiting.erase(waiting.begin());
    next(true);
  }
  std::vector<LoopWait<bool>::Resolver> waiting;

 private:
  ScriptedRelay& relay_;
};

class SmtpChannelTest : public testing::Test {
 protected:
  SmtpChannelTest() {
    config_.host = "relay";
    config_.helo = "client.example.com";
    config_.connections = 2;
  }
  config::SmtpChannel config_;
  ScriptedRelay relay_;
  ManualClock clock_;
};

TEST_F(SmtpChannelTest, SendsToTheRecipientsOfTheAttempt) {
  SmtpChannel channel(config_, "from@example.org", relay_, clock_);
  EXPECT_EQ(channel.kind(), ChannelKind::Email);
  relay_.answer("RCPT c@example.com", "550 no");
  std::optional<Delivery> out;
  Task<void> task =
      drive(&channel, {message({"a@example.com", "b@example.com", "c@example.com"}), {2, 3}}, &out);
  task.start();
  ASSERT_TRUE(out);
  ASSERT_EQ(out->results.size(), 2U);
  EXPECT_EQ(out->results[0].recipient, 2);
  EXPECT_EQ(out->results[0].kind, Kind::Sent);
  EXPECT_EQ(out->results[1].recipient, 3);
  EXPECT_EQ(out->results[1].kind, Kind::Failed);
  ASSERT_EQ(relay_.contents.size(), 1U);
  EXPECT_NE(relay_.contents[0].find("Message-ID: <00000000000000010000000000000002@example.org>"),
            std::string::npos);
}

TEST_F(SmtpChannelTest, ABrokenMessageFailsWithoutAConnection) {
  SmtpChannel channel(config_, "from@example.org", relay_, clock_);
  Message broken = message({"a@example.com"});
  broken.content.subject = "s\r\nBcc: x@example.com";
  std::optional<Delivery> out;
  Task<void> task = drive(&channel, {broken, {1}}, &out);
  task.start();
  ASSERT_TRUE(out);
  EXPECT_EQ(out->results[0].kind, Kind::Failed);
  EXPECT_NE(out->results[0].text.find("header"), std::string::npos);
  EXPECT_EQ(relay_.connections, 0);
}

TEST_F(SmtpChannelTest, ConnectionsAreBounded) {
  SlowRelay slow(relay_);
  SmtpChannel channel(config_, "from@example.org", slow, clock_);
  std::vector<std::optional<Delivery>> outs(5);
  std::vector<Task<void>> tasks;
  for (auto& out : outs) {
    tasks.push_back(drive(&channel, {message({"a@example.com"}), {1}}, &out));
    tasks.back().start();
  }
  EXPECT_EQ(slow.waiting.size(), 2U);
  for (int done = 0; done < 5; ++done) {
    ASSERT_FALSE(slow.waiting.empty());
    EXPECT_LE(slow.waiting.size(), 2U);
    slow.let_one_go();
  }
  for (const auto& out : outs) EXPECT_TRUE(out);
  EXPECT_EQ(relay_.contents.size(), 5U);
}

TEST_F(SmtpChannelTest, ANameThatIsNoneIsNotSaid) {
  config_.helo = "not a name";
  SmtpChannel channel(config_, "from@example.org", relay_, clock_);
  std::optional<Delivery> out;
  Task<void> task = drive(&channel, {message({"a@example.com"}), {1}}, &out);
  task.start();
  EXPECT_EQ(relay_.commands[0], "EHLO localhost");
}

}  // namespace
}  // namespace sallyport::messaging::test
