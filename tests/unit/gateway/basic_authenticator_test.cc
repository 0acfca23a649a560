#include "gateway/basic_authenticator.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class BasicAuthenticatorTest : public DoorsFixture {
 protected:
  AuthResult authenticate(const std::string& field) {
    parse(good());
    context_.reset(request_, loop_);
    context_.match = router_->match(request_);
    context_.key = auth::check_key(directory_, key_, request_.client, clock_.unix_us());
    context_.account = kAccount;
    return basic_.authenticate(context_, field);
  }
  RefusalCharge charges_{budget_};
  BasicAuthenticator basic_{directory_, verifier_, charges_, guesses_, sources_, clock_};
};

TEST_F(BasicAuthenticatorTest, LooksAtItsOwnSchemeOnly) {
  EXPECT_TRUE(std::holds_alternative<NotApplicable>(authenticate("Bearer abc")));
  EXPECT_TRUE(std::holds_alternative<NotApplicable>(authenticate("Digest abc")));
  const AuthResult wrong = authenticate("Basic abc, Bearer abc");
  ASSERT_TRUE(std::holds_alternative<Rejected>(wrong));
  EXPECT_EQ(std::get<Rejected>(wrong).reason, Reason::CredentialMalformed);
}

TEST_F(BasicAuthenticatorTest, WaitsForTheFirstHashAndNeverAgain) {
  EXPECT_TRUE(std::holds_alternative<Wait>(authenticate(basic("john.smith", kPassword))));
  EXPECT_EQ(reason(good()), Reason::Ok);
  const AuthResult proven = authenticate(basic("john.smith", kPassword));
  ASSERT_TRUE(std::holds_alternative<Principal>(proven));
  EXPECT_EQ(std::get<Principal>(proven).user->username(), "John.Smith");
}

TEST_F(BasicAuthenticatorTest, WhatIsOurFaultIsNobodysFailure) {
  verifier_.stop();
  const AuthResult full = authenticate(basic("john.smith", kPassword));
  ASSERT_TRUE(std::holds_alternative<Rejected>(full));
  EXPECT_EQ(std::get<Rejected>(full).reason, Reason::HashPoolFull);
  EXPECT_FALSE(std::get<Rejected>(full).failure);
}

}  // namespace
}  // namespace sallyport::gateway
