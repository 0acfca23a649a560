#include "messaging/channels/smtp.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "messaging/loop_wait.h"
#include "support/manual_loop.h"
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
  OutgoingMail mail_{"from@example.org"};
  ScriptedRelay relay_;
  ManualClock clock_;
};

TEST_F(SmtpChannelTest, SendsToTheRecipientsOfTheAttempt) {
  SmtpChannel channel(config_, mail_, relay_, clock_);
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
  SmtpChannel channel(config_, mail_, relay_, clock_);
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
  SmtpChannel channel(config_, mail_, slow, clock_);
  std::vector<std::optional<Delivery>> outs(5);
  std::vector<Task<void>> tasks;
  for (auto& out : outs) {
    tasks.push_back(drive(&channel, {message({"a@example.com"}), {1}}, &out));
    tasks.back().start();
  }
  EXPECT_EQ(slow.waiting.size(), 2U);
  // Those that wait for a place use what is open already.
  while (!slow.waiting.empty()) {
    EXPECT_LE(slow.waiting.size(), 2U);
    slow.let_one_go();
  }
  EXPECT_EQ(relay_.connections, 2);
  for (const auto& out : outs) EXPECT_TRUE(out);
  EXPECT_EQ(relay_.contents.size(), 5U);
}

TEST_F(SmtpChannelTest, ANameThatIsNoneIsNotSaid) {
  config_.helo = "not a name";
  SmtpChannel channel(config_, mail_, relay_, clock_);
  std::optional<Delivery> out;
  Task<void> task = drive(&channel, {message({"a@example.com"}), {1}}, &out);
  task.start();
  EXPECT_EQ(relay_.commands[0], "EHLO localhost");
}

class SmtpPoolTest : public SmtpChannelTest {
 protected:
  Delivery deliver(SmtpChannel& channel, std::vector<std::string> to = {"a@example.com"},
                   SlowRelay* slow = nullptr) {
    Message made = message(to);
    std::vector<std::int32_t> indices;
    for (const Recipient& one : made.recipients) indices.push_back(one.index);
    std::optional<Delivery> out;
    Task<void> task = drive(&channel, {made, indices}, &out);
    task.start();
    if (slow != nullptr) slow->let_one_go();
    EXPECT_TRUE(out);
    return out.value_or(Delivery());
  }
  std::size_t count(std::string_view verb) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        relay_.commands, [verb](const std::string& line) { return line.starts_with(verb); }));
  }
};

TEST_F(SmtpPoolTest, AConnectionIsUsedAgain) {
  config_.mails_per_connection = 3;
  SmtpChannel channel(config_, mail_, relay_, clock_);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(deliver(channel).results[0].kind, Kind::Sent);
  EXPECT_EQ(relay_.connections, 3);
  EXPECT_EQ(count("QUIT"), 2U);
  EXPECT_EQ(relay_.contents.size(), 7U);
}

TEST_F(SmtpPoolTest, OneThatWaitedTooLongIsLetGo) {
  SmtpChannel channel(config_, mail_, relay_, clock_);
  deliver(channel);
  clock_.advance_us(30'000'000);
  deliver(channel);
  EXPECT_EQ(relay_.connections, 2);
}

TEST_F(SmtpPoolTest, EachOfThemIsToldWhenItsTimeIsOver) {
  sallyport::test::ManualLoop loop(clock_);
  SlowRelay slow(relay_);
  std::optional<Delivery> first;
  std::optional<Delivery> second;
  {
    SmtpChannel channel(config_, mail_, slow, clock_, &loop);
    Task<void> one = drive(&channel, {message({"a@example.com"}), {1}}, &first);
    Task<void> two = drive(&channel, {message({"b@example.com"}), {1}}, &second);
    one.start();
    two.start();
    slow.let_one_go();
    loop.advance_us(10'000'000);
    slow.let_one_go();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(relay_.open, 2);
    loop.advance_us(10'000'001);
    EXPECT_EQ(relay_.open, 1);
    EXPECT_EQ(count("QUIT"), 1U);
    loop.advance_us(10'000'000);
    EXPECT_EQ(relay_.open, 0);
    EXPECT_EQ(count("QUIT"), 2U);
    deliver(channel, {"c@example.com"}, &slow);
  }
  EXPECT_EQ(count("QUIT"), 3U) << "also when the channel goes";
}

// What the server has broken off is not waited for: the recipients' result is known.
TEST_F(SmtpPoolTest, ABrokenConnectionIsLeftWithoutAWord) {
  SmtpChannel channel(config_, mail_, relay_, clock_);
  relay_.answer("content", "SILENCE");
  EXPECT_EQ(deliver(channel).results[0].kind, Kind::InDoubt);
  EXPECT_EQ(count("QUIT"), 0U);
  EXPECT_EQ(relay_.open, 0);
}

TEST_F(SmtpPoolTest, AServerThatRecyclesCostsNoAttempt) {
  for (const char* answer : {"421 4.3.2 time to go", "DROP"}) {
    ScriptedRelay relay;
    SmtpChannel channel(config_, mail_, relay, clock_);
    EXPECT_EQ(deliver(channel).results[0].kind, Kind::Sent);
    relay.answer("MAIL", answer);
    EXPECT_EQ(deliver(channel).results[0].kind, Kind::Sent) << answer;
    EXPECT_EQ(relay.connections, 2) << answer;
  }
}

TEST_F(SmtpPoolTest, ARefusedMailIsResetAndTheNextGoesOn) {
  SmtpChannel channel(config_, mail_, relay_, clock_);
  relay_.answer("RCPT", "550 no");
  EXPECT_EQ(deliver(channel).results[0].kind, Kind::Failed);
  EXPECT_EQ(deliver(channel).results[0].kind, Kind::Sent);
  EXPECT_EQ(relay_.connections, 1);
  EXPECT_EQ(count("RSET"), 1U);
}

TEST_F(SmtpPoolTest, TooManyRecipientsGoInAnotherTransaction) {
  SmtpChannel channel(config_, mail_, relay_, clock_);
  relay_.answer("RCPT c@example.com", "452 4.5.3 too many");
  const Delivery delivery = deliver(channel, {"a@example.com", "b@example.com", "c@example.com"});
  ASSERT_EQ(delivery.results.size(), 3U);
  for (const RecipientResult& one : delivery.results) EXPECT_EQ(one.kind, Kind::Sent);
  EXPECT_EQ(relay_.contents.size(), 2U);
  EXPECT_EQ(relay_.connections, 1);
}

TEST_F(SmtpPoolTest, TheNextRelayTakesOver) {
  config_.more.emplace_back().host = "second";
  SmtpChannel channel(config_, mail_, relay_, clock_);
  relay_.answer("connect", "refused");
  const Delivery delivery = deliver(channel);
  EXPECT_EQ(delivery.results[0].kind, Kind::Sent);
  EXPECT_EQ(delivery.results[0].via, "second:25");
  deliver(channel);
  EXPECT_EQ(relay_.connections, 2) << "the first is left alone for a while";
  clock_.advance_us(31'000'000);
  EXPECT_EQ(deliver(channel).results[0].via, "relay:25");
}

TEST_F(SmtpPoolTest, AllAwayDefers) {
  config_.more.emplace_back().host = "second";
  SmtpChannel channel(config_, mail_, relay_, clock_);
  for (int i = 0; i < 2; ++i) relay_.answer("connect", "refused");
  const Delivery delivery = deliver(channel);
  EXPECT_EQ(delivery.results[0].kind, Kind::Deferred);
  EXPECT_EQ(delivery.results[0].cause, RecipientResult::Cause::Destination);
  EXPECT_EQ(delivery.results[0].text, "connect: refused");
  EXPECT_EQ(deliver(channel).results[0].kind, Kind::Sent) << "and all of them are asked again";
}

TEST_F(SmtpPoolTest, CommandsGoInOneWriteWhereThatIsOffered) {
  relay_.answer("EHLO", "250-relay\r\n250 PIPELINING");
  SmtpChannel channel(config_, mail_, relay_, clock_);
  relay_.answer("RCPT b@example.com", "550 no");
  const Delivery delivery = deliver(channel, {"a@example.com", "b@example.com"});
  EXPECT_EQ(delivery.results[0].kind, Kind::Sent);
  EXPECT_EQ(delivery.results[1].kind, Kind::Failed);
  // Nobody is taken, and DATA was said already: it is ended, and means nothing.
  relay_.answer("RCPT", "550 no");
  EXPECT_EQ(deliver(channel).results[0].kind, Kind::Failed);
  EXPECT_EQ(relay_.contents.back(), "");
  EXPECT_EQ(deliver(channel).results[0].kind, Kind::Sent);
  EXPECT_EQ(relay_.connections, 1);
}

TEST_F(SmtpPoolTest, BouncesApartNeedTransactionsApart) {
  mail_.bounce_to("bounces.example.com", Secret(std::string(32, 'k')));
  SmtpChannel channel(config_, mail_, relay_, clock_);
  const Delivery delivery = deliver(channel, {"a@example.com", "b@example.com"});
  EXPECT_EQ(delivery.results.size(), 2U);
  EXPECT_EQ(relay_.contents.size(), 2U);
  EXPECT_EQ(count("MAIL FROM:<b-"), 2U);
}

TEST_F(SmtpPoolTest, APasswordFileMustBeItsOwners) {
  config_.username = "u";
  config_.password_file = testing::TempDir() + "relay-password";
  std::ofstream(config_.password_file) << "secret\n";
  ::chmod(config_.password_file.c_str(), 0644);
  SmtpChannel channel(config_, mail_, relay_, clock_);
  const auto open_to_all = channel.load_passwords();
  ASSERT_FALSE(open_to_all);
  EXPECT_NE(open_to_all.error().message.find("chmod 600"), std::string::npos);
  ::chmod(config_.password_file.c_str(), 0600);
  EXPECT_TRUE(channel.load_passwords());
  std::filesystem::remove(config_.password_file);
  EXPECT_FALSE(channel.load_passwords());
}

}  // namespace
}  // namespace sallyport::messaging::test
