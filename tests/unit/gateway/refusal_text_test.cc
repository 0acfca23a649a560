#include "gateway/refusal_text.h"

#include <gtest/gtest.h>

#include "base/reason.h"

namespace sallyport::gateway {
namespace {

TEST(RefusalText, EveryReasonHasItsClothes) {
  for (std::size_t i = 1; i < kReasonCount; ++i) {
    const RefusalText& text = text_of(static_cast<Reason>(i));
    EXPECT_EQ(static_cast<std::size_t>(text.reason), i);
    EXPECT_GE(text.status, 400) << to_string(text.reason);
    EXPECT_FALSE(text.problem.empty()) << to_string(text.reason);
    EXPECT_FALSE(problem_title(text.problem).empty()) << to_string(text.reason);
    EXPECT_EQ(text.code.empty(), text.door == Door::User) << to_string(text.reason);
  }
}

// Nobody may learn from the answer which of the causes it was.
TEST(RefusalText, CausesThatMustLookAlikeDo) {
  const Reason inactive[] = {Reason::KeyMissing,
                             Reason::KeyMalformed,
                             Reason::KeyUnknown,
                             Reason::KeyWaiting,
                             Reason::KeyUnclaimed,
                             Reason::KeyDisabled,
                             Reason::KeyRevoked,
                             Reason::KeyNotYetValid,
                             Reason::KeyExpired,
                             Reason::KeyEnvironment,
                             Reason::KeyNetwork,
                             Reason::SubscriptionWaiting,
                             Reason::SubscriptionSuspended,
                             Reason::SubscriptionEnded,
                             Reason::ApplicationDisabled,
                             Reason::AccountSuspended,
                             Reason::PlanInactive};
  for (const Reason reason : inactive) {
    const RefusalText& text = text_of(reason);
    EXPECT_EQ(text.body, "Developer Inactive");
    EXPECT_EQ(text.code, "ERR_403_DEVELOPER_INACTIVE");
    EXPECT_EQ(text.detail, "Account Inactive");
    EXPECT_EQ(text.status, 403);
  }
  const RefusalText& first = text_of(Reason::PasswordWrong);
  for (const Reason reason :
       {Reason::UserMissing,       Reason::CredentialMalformed, Reason::UserUnknown,
        Reason::UserPending,       Reason::UserInactive,        Reason::UserBlocked,
        Reason::UserDeleted,       Reason::UserNetwork,         Reason::TooManyFailures,
        Reason::SchemeNotAccepted, Reason::TokenMalformed,      Reason::TokenIssuer,
        Reason::TokenKey,          Reason::TokenAlgorithm,      Reason::TokenAudience,
        Reason::TokenExpired,      Reason::TokenNotYetValid,    Reason::TokenSignature,
        Reason::TokenApplication,  Reason::TokenEnded}) {
    EXPECT_EQ(text_of(reason).status, first.status);
    EXPECT_EQ(text_of(reason).problem, first.problem);
    EXPECT_EQ(text_of(reason).detail, first.detail);
  }
}

TEST(RefusalText, OurOwnFailureIsNeverTheClients) {
  for (const Reason reason :
       {Reason::StoreAway, Reason::LogAway, Reason::HashPoolFull, Reason::Overloaded,
        Reason::ShuttingDown, Reason::InternalError, Reason::EngineFailed}) {
    EXPECT_GE(text_of(reason).status, 500) << to_string(reason);
    EXPECT_GE(text_of(reason).modern_status, 500) << to_string(reason);
  }
}

}  // namespace
}  // namespace sallyport::gateway
