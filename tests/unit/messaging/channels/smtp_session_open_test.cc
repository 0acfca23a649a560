#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "messaging/channels/smtp_session.h"
#include "unit/messaging/channels/scripted_relay.h"

namespace sallyport::messaging::test {
namespace {

using Kind = RecipientResult::Kind;
using Results = std::vector<RecipientResult>;

Task<void> drive(SmtpSession* session, SmtpMail mail, std::optional<Results>* out) {
  Results results = co_await session->send(std::move(mail));
  out->emplace(std::move(results));
}

class OpenTest : public testing::Test {
 protected:
  OpenTest() {
    config_.host = "relay.example.com";
    config_.security = config::SmtpSecurity::Tls;
    config_.username = "user";
  }
  Results send() {
    SmtpSession session(config_, config_, "client.example.com", &password_, relay_, clock_);
    std::optional<Results> out;
    Task<void> task = drive(&session, {"from@example.org", {"a@example.com"}, "x\r\n"}, &out);
    task.start();
    EXPECT_TRUE(out);
    return out.value_or(Results(1));
  }
  config::SmtpChannel config_;
  Secret password_{std::string("secret")};
  ScriptedRelay relay_;
  ManualClock clock_;
};

TEST_F(OpenTest, ImplicitTlsIsVerifiedAndBeforeTheGreeting) {
  config_.username.clear();
  EXPECT_EQ(send()[0].kind, Kind::Sent);
  ASSERT_EQ(relay_.handshakes.size(), 1U);
  EXPECT_TRUE(relay_.handshakes[0].verify);
  EXPECT_EQ(relay_.handshakes[0].host, "relay.example.com");
  EXPECT_EQ(relay_.commands[0], "EHLO client.example.com");
  EXPECT_EQ(relay_.commands[1].substr(0, 4), "MAIL") << "and no STARTTLS in it";
  config_.verify = false;
  EXPECT_EQ(send()[0].kind, Kind::Sent);
  EXPECT_FALSE(relay_.handshakes[1].verify);
}

TEST_F(OpenTest, AuthPlain) {
  relay_.answer("EHLO", "250-relay\r\n250 AUTH PLAIN LOGIN");
  relay_.answer("AUTH", "235 2.7.0 in");
  EXPECT_EQ(send()[0].kind, Kind::Sent);
  EXPECT_EQ(relay_.commands[1], "AUTH PLAIN AHVzZXIAc2VjcmV0");
}

TEST_F(OpenTest, WhoIsNotLetInDefers) {
  relay_.answer("EHLO", "250-relay\r\n250 AUTH PLAIN");
  relay_.answer("AUTH", "535 5.7.8 wrong");
  const auto results = send();
  EXPECT_EQ(results[0].kind, Kind::Deferred);
  EXPECT_EQ(results[0].cause, RecipientResult::Cause::Destination);
  EXPECT_EQ(results[0].code, 535);
  EXPECT_EQ(results[0].text.find("secret"), std::string::npos);
  EXPECT_TRUE(relay_.contents.empty());
}

TEST_F(OpenTest, NoPasswordGoesInClear) {
  config_.security = config::SmtpSecurity::Opportunistic;
  relay_.answer("EHLO", "250-relay\r\n250 AUTH PLAIN");
  const auto results = send();
  EXPECT_EQ(results[0].kind, Kind::Deferred);
  EXPECT_NE(results[0].text.find("AUTH needs TLS"), std::string::npos);
  for (const std::string& line : relay_.commands) EXPECT_FALSE(line.starts_with("AUTH"));
}

TEST_F(OpenTest, AnUnknownMechanismDefers) {
  relay_.answer("EHLO", "250-relay\r\n250 AUTH CRAM-MD5");
  EXPECT_NE(send()[0].text.find("neither AUTH PLAIN nor AUTH LOGIN"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::messaging::test
