#include "messaging/channels/smtp_session.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "unit/messaging/channels/scripted_relay.h"

namespace sallyport::messaging::test {
namespace {

using Kind = RecipientResult::Kind;
using Results = std::vector<RecipientResult>;

Task<void> drive(SmtpSession* session, SmtpMail mail, std::optional<Results>* out) {
  Results results = co_await session->send(std::move(mail));
  out->emplace(std::move(results));
}

class SmtpSessionTest : public testing::Test {
 protected:
  SmtpSessionTest() {
    config_.host = "relay.example.com";
    config_.port = 2525;
    config_.security = config::SmtpSecurity::None;
  }

  Results send(std::vector<std::string> to = {"a@example.com"},
               std::string content = "Subject: x\r\n\r\nbody\r\n") {
    SmtpSession session(config_, "client.example.com", relay_, clock_);
    std::optional<Results> out;
    Task<void> task =
        drive(&session, {"from@example.org", std::move(to), std::move(content)}, &out);
    task.start();
    EXPECT_TRUE(out) << "the session waits";
    return out.value_or(Results());
  }

  config::SmtpChannel config_;
  ScriptedRelay relay_;
  ManualClock clock_;
};

TEST_F(SmtpSessionTest, SendsOneMail) {
  const auto results = send();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].kind, Kind::Sent);
  EXPECT_EQ(results[0].code, 250);
  EXPECT_EQ(results[0].text, "2.0.0 queued as 17");
  EXPECT_EQ(relay_.host, "relay.example.com");
  EXPECT_EQ(relay_.port, 2525);
  EXPECT_EQ(relay_.commands, (std::vector<std::string>{"EHLO client.example.com",
                                                       "MAIL FROM:<from@example.org> SIZE=20",
                                                       "RCPT TO:<a@example.com>", "DATA", "QUIT"}));
  EXPECT_EQ(relay_.contents, (std::vector<std::string>{"Subject: x\r\n\r\nbody\r\n"}));
}

TEST_F(SmtpSessionTest, AnswersMayComeByteByByte) {
  relay_.byte_by_byte = true;
  EXPECT_EQ(send()[0].kind, Kind::Sent);
}

TEST_F(SmtpSessionTest, DotsAreStuffed) {
  send({"a@example.com"}, ".\r\n..two\r\na.b\r\n.\r\nRCPT TO:<v@example.com>\r\nend");
  ASSERT_EQ(relay_.contents.size(), 1U);
  EXPECT_EQ(relay_.contents[0], "..\r\n...two\r\na.b\r\n..\r\nRCPT TO:<v@example.com>\r\nend\r\n");
  EXPECT_EQ(dot_stuffed(""), "");
}

TEST_F(SmtpSessionTest, EightBitIsOnlyAnnouncedWhenItIsThere) {
  send({"a@example.com"}, "caf\xC3\xA9\r\n");
  EXPECT_EQ(relay_.commands[1], "MAIL FROM:<from@example.org> SIZE=7 BODY=8BITMIME");
  relay_.commands.clear();
  relay_.answer("EHLO", "250 relay");
  send({"a@example.com"}, "caf\xC3\xA9\r\n");
  EXPECT_EQ(relay_.commands[1], "MAIL FROM:<from@example.org>") << "nothing was offered";
}

TEST_F(SmtpSessionTest, EachRecipientHasItsResult) {
  relay_.answer("RCPT never@example.com", "550-5.1.1 no\r\n550 5.1.1 such mailbox");
  relay_.answer("RCPT later@example.com", "451 4.7.1 greylisted");
  const auto results =
      send({"never@example.com", "ok@example.com", "later@example.com", "ok2@example.com"});
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].kind, Kind::Failed);
  EXPECT_EQ(results[0].code, 550);
  EXPECT_EQ(results[0].text, "5.1.1 no 5.1.1 such mailbox");
  EXPECT_EQ(results[1].kind, Kind::Sent);
  EXPECT_EQ(results[2].kind, Kind::Deferred);
  EXPECT_EQ(results[2].code, 451);
  EXPECT_EQ(results[3].kind, Kind::Sent);
  for (std::int32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(results[static_cast<std::size_t>(i)].recipient, i);
  }
}

TEST_F(SmtpSessionTest, WithoutARecipientThereIsNoContent) {
  relay_.answer("RCPT", "550 no");
  EXPECT_EQ(send()[0].kind, Kind::Failed);
  EXPECT_TRUE(relay_.contents.empty());
  EXPECT_EQ(relay_.commands.back(), "QUIT");
}

TEST_F(SmtpSessionTest, WhatEachStepsAnswerMeans) {
  struct Case {
    const char* step;
    const char* answer;
    Kind kind;
    int code;
  };
  const Case cases[] = {
      {"connect", "connection refused", Kind::Deferred, 0},
      {"greeting", "421 busy", Kind::Deferred, 421},
      {"greeting", "554 not you", Kind::Failed, 554},
      {"greeting", "250 what", Kind::Deferred, 250},
      {"greeting", "garbage", Kind::Deferred, 0},
      {"greeting", "SILENCE", Kind::Deferred, 0},
      {"greeting", "DROP", Kind::Deferred, 0},
      {"EHLO", "421 busy", Kind::Deferred, 421},
      {"EHLO", "DROP", Kind::Deferred, 0},
      {"EHLO", "SILENCE", Kind::Deferred, 0},
      {"EHLO", "250-a\r\n251 b", Kind::Deferred, 0},
      {"MAIL", "451 later", Kind::Deferred, 451},
      {"MAIL", "552 too large", Kind::Failed, 552},
      {"MAIL", "DROP", Kind::Deferred, 0},
      {"MAIL", "SILENCE", Kind::Deferred, 0},
      {"MAIL", "354 what", Kind::Deferred, 354},
      {"RCPT", "450 later", Kind::Deferred, 450},
      {"RCPT", "550 never", Kind::Failed, 550},
      {"RCPT", "421 going", Kind::Deferred, 421},
      {"RCPT", "DROP", Kind::Deferred, 0},
      {"RCPT", "SILENCE", Kind::Deferred, 0},
      {"DATA", "452 full", Kind::Deferred, 452},
      {"DATA", "554 no", Kind::Failed, 554},
      {"DATA", "250 what", Kind::Deferred, 250},
      {"DATA", "DROP", Kind::Deferred, 0},
      {"write-content", "reset", Kind::Deferred, 0},
      // The point of no return.
      {"write-dot", "reset", Kind::InDoubt, 0},
      {"content", "DROP", Kind::InDoubt, 0},
      {"content", "SILENCE", Kind::InDoubt, 0},
      {"content", "garbage", Kind::InDoubt, 0},
      {"content", "354 what", Kind::InDoubt, 354},
      {"content", "452 full", Kind::Deferred, 452},
      {"content", "554 not this", Kind::Failed, 554},
      {"content", "250 ok", Kind::Sent, 250},
      {"QUIT", "DROP", Kind::Sent, 250},
      {"QUIT", "SILENCE", Kind::Sent, 250},
  };
  for (const Case& one : cases) {
    relay_ = ScriptedRelay();
    relay_.answer(one.step, one.answer);
    const auto results = send({"a@example.com", "b@example.com"});
    ASSERT_EQ(results.size(), 2U);
    // A script for RCPT is for the first of them only, unless the connection went with it.
    const std::string text = one.answer;
    const bool first_only =
        std::string(one.step) == "RCPT" && text.starts_with("4") && !text.starts_with("421");
    EXPECT_EQ(results[0].kind, one.kind) << one.step << " " << one.answer;
    EXPECT_EQ(results[0].code, one.code) << one.step << " " << one.answer;
    if (!first_only && text != "550 never") {
      EXPECT_EQ(results[1].kind, one.kind) << one.step << " " << one.answer;
    }
    EXPECT_EQ(relay_.open, 0) << one.step << ": a stream is left";
  }
}

TEST_F(SmtpSessionTest, ADropAfterARefusalChangesOnlyTheOthers) {
  relay_.answer("RCPT never@example.com", "550 no");
  relay_.answer("content", "DROP");
  const auto results = send({"never@example.com", "a@example.com"});
  EXPECT_EQ(results[0].kind, Kind::Failed);
  EXPECT_EQ(results[1].kind, Kind::InDoubt);
}

TEST_F(SmtpSessionTest, AnOldServerIsGreetedWithHelo) {
  relay_.answer("EHLO", "502 unknown");
  EXPECT_EQ(send()[0].kind, Kind::Sent);
  EXPECT_EQ(relay_.commands[1], "HELO client.example.com");
  EXPECT_EQ(relay_.commands[2], "MAIL FROM:<from@example.org>");
}

TEST_F(SmtpSessionTest, WithoutPolicyThereIsNoTls) {
  send();
  EXPECT_TRUE(relay_.handshakes.empty());
}

TEST_F(SmtpSessionTest, TlsIsUsedWhereItIsOffered) {
  config_.security = config::SmtpSecurity::Opportunistic;
  EXPECT_EQ(send()[0].kind, Kind::Sent);
  ASSERT_EQ(relay_.handshakes.size(), 1U);
  EXPECT_FALSE(relay_.handshakes[0].verify);
  EXPECT_EQ(relay_.commands[0], "EHLO client.example.com");
  EXPECT_EQ(relay_.commands[1], "STARTTLS");
  EXPECT_EQ(relay_.commands[2], "EHLO client.example.com") << "what was said in clear is void";
}

TEST_F(SmtpSessionTest, OpportunisticGoesOnInClear) {
  config_.security = config::SmtpSecurity::Opportunistic;
  relay_.answer("EHLO", "250 relay");
  EXPECT_EQ(send()[0].kind, Kind::Sent) << "not offered";
  relay_.answer("STARTTLS", "454 not now");
  EXPECT_EQ(send()[0].kind, Kind::Sent) << "refused";
  relay_.connections = 0;
  relay_.answer("tls", "handshake failed");
  EXPECT_EQ(send()[0].kind, Kind::Sent) << "a failed handshake: once more without";
  EXPECT_EQ(relay_.connections, 2);
}

TEST_F(SmtpSessionTest, RequiredTlsNeverGoesOnInClear) {
  config_.security = config::SmtpSecurity::StartTls;
  config_.ca_file = "ca.pem";
  struct Case {
    const char* step;
    const char* answer;
  };
  const Case cases[] = {{"EHLO", "250 relay"},
                        {"EHLO", "250-relay\r\n250 XSTARTTLS"},
                        {"STARTTLS", "454 not now"},
                        {"STARTTLS", "502 unknown"},
                        {"STARTTLS", "DROP"},
                        {"tls", "the certificate: expired"},
                        {"STARTTLS", "220 go\r\n250 injected"}};
  for (const Case& one : cases) {
    relay_ = ScriptedRelay();
    relay_.answer(one.step, one.answer);
    const auto results = send();
    EXPECT_EQ(results[0].kind, Kind::Deferred) << one.step << " " << one.answer;
    for (const std::string& command : relay_.commands) {
      EXPECT_FALSE(command.starts_with("MAIL")) << one.step << " " << one.answer;
    }
  }
  relay_ = ScriptedRelay();
  EXPECT_EQ(send()[0].kind, Kind::Sent);
  ASSERT_EQ(relay_.handshakes.size(), 1U);
  EXPECT_TRUE(relay_.handshakes[0].verify);
  EXPECT_EQ(relay_.handshakes[0].ca_file, "ca.pem");
  EXPECT_EQ(relay_.handshakes[0].host, "relay.example.com");
}

TEST_F(SmtpSessionTest, NothingThatIsNoAddressGetsToTheWire) {
  const auto results =
      send({"a@example.com>\r\nRCPT TO:<b@example.com", "ok@example.com", "a b@example.com"});
  EXPECT_EQ(results[0].kind, Kind::Failed);
  EXPECT_EQ(results[1].kind, Kind::Sent);
  EXPECT_EQ(results[2].kind, Kind::Failed);
  EXPECT_EQ(relay_.commands[2], "RCPT TO:<ok@example.com>");
  relay_ = ScriptedRelay();
  send({"\r\n"});
  EXPECT_EQ(relay_.connections, 0) << "nobody to send to";
}

TEST_F(SmtpSessionTest, AnAnswerWithoutEndIsGivenUp) {
  std::string endless;
  for (int i = 0; i < 5000; ++i) endless += "250-x\r\n";
  relay_.answer("EHLO", endless + "250 y");
  EXPECT_EQ(send()[0].kind, Kind::Deferred);
}

}  // namespace
}  // namespace sallyport::messaging::test
