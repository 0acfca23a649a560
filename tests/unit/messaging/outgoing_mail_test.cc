#include "messaging/outgoing_mail.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/random.h"
#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

class OutgoingMailTest : public testing::Test {
 protected:
  OutgoingMailTest() {
    message_.id = MessageId{1, 2};
    message_.account = kAccount;
    message_.content.subject = "s";
    message_.content.body = "b";
    domain_.id = SenderId{5};
    domain_.account = kAccount;
    domain_.value = "example.com";
    domain_.status = sallyport::Status::Active;
    mail_.sign_for(senders_, Secret(std::string(32, 'k')));
  }
  void know() {
    senders_.apply(Change{.put = {Entity(domain_)}, .remove = {}, .events = {}, .audit = {}});
  }

  ImmediateReclaimer reclaimer_;
  SenderTable senders_{reclaimer_};
  OutgoingMail mail_{"own@installation.example"};
  Message message_;
  Sender domain_;
};

TEST_F(OutgoingMailTest, ComesFromTheInstallationUnlessItSaysOtherwise) {
  EXPECT_EQ(mail_.from_of(message_).value(), "own@installation.example");
  message_.sender = "news@example.com";
  EXPECT_FALSE(mail_.from_of(message_)) << "not verified any more";
  EXPECT_FALSE(mail_.write(message_, {"a@example.org"}));
  know();
  EXPECT_EQ(mail_.from_of(message_).value(), "news@example.com");
  EXPECT_NE(mail_.write(message_, {"a@example.org"}).value().find("<news@example.com>"),
            std::string::npos);
}

TEST_F(OutgoingMailTest, SignsForADomainThatHasAKey) {
  message_.sender = "news@example.com";
  know();
  EXPECT_EQ(mail_.write(message_, {"a@example.org"}).value().find("DKIM"), std::string::npos);
  auto pair = make_dkim_key("ed25519");
  SeededRandom random{1};
  domain_.dkim_selector = "s1";
  domain_.dkim_kind = "ed25519";
  domain_.dkim_key =
      seal(Secret(std::string(32, 'k')), pair->private_key.reveal(), kDkimSealContext, random);
  know();
  const std::string signed_mail = mail_.write(message_, {"a@example.org"}).value();
  EXPECT_TRUE(signed_mail.starts_with("DKIM-Signature: v=1; a=ed25519-sha256;"));
  EXPECT_EQ(mail_.write(message_, {"a@example.org"}).value(), signed_mail);
}

TEST_F(OutgoingMailTest, BouncesComeBackToAnAddressOfTheirOwn) {
  EXPECT_FALSE(mail_.bounces_apart());
  EXPECT_EQ(mail_.envelope_of(message_, 1, "x@example.com"), "x@example.com");
  mail_.bounce_to("bounces.example.com", Secret(std::string(32, 'b')));
  EXPECT_TRUE(mail_.bounces_apart());
  EXPECT_TRUE(mail_.envelope_of(message_, 1, "x@example.com").ends_with("@bounces.example.com"));
  EXPECT_NE(mail_.envelope_of(message_, 1, ""), mail_.envelope_of(message_, 2, ""));
}

}  // namespace
}  // namespace sallyport::messaging::test
