#include "gateway/certificate_authenticator.h"

#include "token_fixture.h"

namespace sallyport::gateway {
namespace {

using config::Scheme;

class CertificateAuthenticatorTest : public TokenFixture {
 protected:
  CertificateAuthenticatorTest() {
    rebuild([](config::Api& api) {
      api.access.auth = {Scheme::Bearer, Scheme::Basic, Scheme::Certificate};
    });
  }
  // With the key, the certificate that names `user`, and no Authorization field.
  Sent named(std::string user) {
    Sent sent = good();
    sent.fields.pop_back();
    sent.certificate_user = std::move(user);
    return sent;
  }
};

TEST_F(CertificateAuthenticatorTest, AbsentNamelessUnknownExpiredRight) {
  Sent none = named("");
  none.certificate_user.reset();
  EXPECT_EQ(reason(none), Reason::UserMissing);
  EXPECT_EQ(reason(named("")), Reason::CertificateNameless);
  EXPECT_EQ(reason(named("nobody")), Reason::UserUnknown);
  Sent ended = named("john.smith");
  ended.certificate_until_us = clock_.unix_us();
  EXPECT_EQ(reason(ended), Reason::CertificateExpired);
  EXPECT_FALSE(context_.user_id);
  EXPECT_EQ(reason(named("john.smith")), Reason::Ok);
  EXPECT_EQ(context_.user_id, user_of("john.smith").id);
  EXPECT_EQ(context_.account, kAccount);
}

// What everybody is asked for after the credential, is asked here too.
TEST_F(CertificateAuthenticatorTest, TheUsersStateAndRightsHoldAllTheSame) {
  add_user("blocked", Status::Blocked, {{kFullRole, {}}});
  add_user("idle", Status::Active, {});
  add_user("elsewhere", Status::Active, {{kFullRole, {}}}, kOtherAccount);
  EXPECT_EQ(reason(named("blocked")), Reason::UserBlocked);
  EXPECT_EQ(reason(named("idle")), Reason::NoPermission);
  EXPECT_EQ(reason(named("elsewhere")), Reason::UserUnknown) << "the key opens one account";
  Sent stranger = named("john.smith");
  stranger.fields[0].second = "no key";
  EXPECT_EQ(reason(stranger), Reason::KeyUnknown) << "the first door first";
}

// What a request says for itself goes before its connection's certificate, also when it is wrong.
TEST_F(CertificateAuthenticatorTest, AnAuthorizationFieldDecides) {
  add_user("jane", Status::Active, {{kFullRole, {}}});
  Sent both = named("jane");
  both.fields.emplace_back("authorization", basic("john.smith", kPassword));
  EXPECT_EQ(reason(both), Reason::Ok);
  EXPECT_EQ(context_.user_id, user_of("john.smith").id);
  both.fields[1].second = basic("john.smith", "wrong");
  EXPECT_EQ(reason(both), Reason::PasswordWrong);
  both.fields[1].second = "Digest x";
  EXPECT_EQ(reason(both), Reason::SchemeNotAccepted);
  both.fields[1].second = "";
  EXPECT_EQ(reason(both), Reason::CredentialMalformed);
}

TEST_F(CertificateAuthenticatorTest, IsNoCredentialWhereTheRouteDoesNotSaySo) {
  rebuild();
  EXPECT_EQ(reason(named("john.smith")), Reason::UserMissing);
}

// Nobody can guess at a certificate, so guesses of others do not lock its owner out.
TEST_F(CertificateAuthenticatorTest, ASpentBudgetDoesNotMatter) {
  for (int i = 0; i < 30; ++i) EXPECT_NE(reason(named("nobody")), Reason::Ok);
  Sent none = named("");
  none.certificate_user.reset();
  EXPECT_EQ(reason(none), Reason::TooManyFailures);
  EXPECT_EQ(reason(named("john.smith")), Reason::Ok);
}

TEST_F(CertificateAuthenticatorTest, GetsAToken) {
  Sent sent = named("john.smith");
  sent.method = http::Method::Post;
  sent.target = "/auth";
  const http::Response response = answer(sent);
  EXPECT_EQ(response.head.status(), 200) << response.body;
  Sent renewed = bearer(issue(), "/auth");
  renewed.method = http::Method::Post;
  renewed.certificate_user = "john.smith";
  EXPECT_EQ(reason(renewed), Reason::SchemeNotAccepted) << "never with a token";
}

TEST_F(CertificateAuthenticatorTest, TheChallengeNamesItWhereNothingElseIsTaken) {
  rebuild([](config::Api& api) {
    api.access.auth = {Scheme::Certificate};
    api.issues_tokens = false;
  });
  Sent none = named("");
  none.certificate_user.reset();
  const http::Response response = answer(none);
  EXPECT_EQ(response.head.status(), 401);
  EXPECT_EQ(field_of(response, "WWW-Authenticate"), "Certificate realm=\"messaging\"");
}

}  // namespace
}  // namespace sallyport::gateway
