#include "gateway/user_filter.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class UserFilterTest : public DoorsFixture {
 protected:
  Reason with(const std::string& user, const std::string& password) {
    Sent sent = good();
    sent.fields[1].second = basic(user, password);
    return reason(sent);
  }
  Reason with_field(const std::string& value) {
    Sent sent = good();
    sent.fields[1].second = value;
    return reason(sent);
  }
};

TEST_F(UserFilterTest, AbsentMalformedWrongRightForbiddenOversize) {
  Sent none = good();
  none.fields.pop_back();
  EXPECT_EQ(reason(none), Reason::UserMissing);
  EXPECT_EQ(with_field(""), Reason::CredentialMalformed);
  EXPECT_EQ(with_field("Bearer abc"), Reason::TokenMalformed);
  EXPECT_EQ(with_field("Digest abc"), Reason::SchemeNotAccepted);
  EXPECT_EQ(with_field("Basic !!!"), Reason::CredentialMalformed);
  EXPECT_EQ(with_field("Basic " + std::string(65'536, 'A')), Reason::CredentialMalformed);
  Sent twice = good();
  twice.fields.push_back(twice.fields[1]);
  EXPECT_EQ(reason(twice), Reason::CredentialMalformed) << "two fields, even the same";
  Sent proxy = good();
  proxy.fields[1].first = "proxy-authorization";
  EXPECT_EQ(reason(proxy), Reason::UserMissing) << "no credential of ours";
  EXPECT_EQ(with("john.smith", "wrong"), Reason::PasswordWrong);
  EXPECT_EQ(with("john.smith", ""), Reason::PasswordWrong);
  EXPECT_EQ(with("nobody", kPassword), Reason::UserUnknown);
  EXPECT_EQ(with("JOHN.smith", kPassword), Reason::Ok);
}

TEST_F(UserFilterTest, StatesAreToldApartAfterThePassword) {
  add_user("pending", Status::Pending, {});
  add_user("inactive", Status::Inactive, {});
  add_user("blocked", Status::Blocked, {});
  add_user("deleted", Status::Deleted, {});
  EXPECT_EQ(with("pending", kPassword), Reason::UserPending);
  EXPECT_EQ(with("inactive", kPassword), Reason::UserInactive);
  EXPECT_EQ(with("blocked", kPassword), Reason::UserBlocked);
  EXPECT_EQ(with("deleted", kPassword), Reason::UserDeleted);
  EXPECT_EQ(with("blocked", "wrong"), Reason::PasswordWrong);
  EXPECT_FALSE(context_.user_id) << "nobody was proven";
}

TEST_F(UserFilterTest, AUserOfAnotherAccountIsUnknown) {
  add_user("elsewhere", Status::Active, {{kFullRole, {}}}, kOtherAccount);
  EXPECT_EQ(with("elsewhere", kPassword), Reason::UserUnknown);
  add_user("john.smith", Status::Active, {}, kOtherAccount);
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok) << "ours, of two of the same name";
}

// Somebody else guesses at her name from everywhere, and at others' names from where she is.
TEST_F(UserFilterTest, NobodyLocksSomebodyElseOut) {
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok);
  for (int i = 0; i < 60; ++i) {
    Sent far = good();
    far.client = "198.51.100." + std::to_string(i + 1);
    far.fields[1].second = basic("john.smith", "guess");
    const Reason found = reason(far);
    EXPECT_EQ(found, i < 30 ? Reason::PasswordWrong : Reason::TooManyFailures) << i;
    with("name" + std::to_string(i), "guess");
  }
  context_.familiar = {};
  clock_.advance_us(1'000'000);
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok) << "a new connection of hers";
  Sent elsewhere = good();
  elsewhere.client = "203.0.113.9";
  EXPECT_EQ(reason(elsewhere), Reason::Ok) << "unfamiliar: it has one try in each step";
}

// The right answer is in the record, and guesses do not come near it at the speed of a MAC.
TEST_F(UserFilterTest, GuessesAtAProvenUserAreHashedAndSoonNotEvenThat) {
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok);
  const std::uint64_t hashed = verifier_.hashed();
  for (int i = 0; i < 1'000; ++i) with("john.smith", "guess" + std::to_string(i));
  EXPECT_EQ(verifier_.hashed(), hashed + 10);
}

TEST_F(UserFilterTest, WhatEndsTooLateIsTakenInAllTheSame) {
  parse(good());
  context_.reset(request_, loop_);
  context_.match = router_->match(request_);
  {
    Answer answer = chain_.run(context_);
    ASSERT_TRUE(std::holds_alternative<Wait>(answer));
  }
  context_.hashing.reset();  // its client has gone
  while (verifier_.under_way() > 0 || loop_.turn()) {
  }
  const std::uint64_t hashed = verifier_.hashed();
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok);
  EXPECT_EQ(verifier_.hashed(), hashed) << "proven already";
}

TEST_F(UserFilterTest, FarMoreAtOnceThanMayFailWaitForEachOther) {
  // Ten are under way from one place for one name: an eleventh waits, and is not refused.
  parse(good());
  std::vector<std::unique_ptr<RequestContext>> others;
  for (int i = 0; i < 11; ++i) {
    Sent sent = good();
    sent.fields[1].second = basic("john.smith", "guess" + std::to_string(i));
    parse(sent);
    others.push_back(std::make_unique<RequestContext>());
    others.back()->reset(request_, loop_);
    others.back()->match = router_->match(request_);
    const Answer answer = chain_.run(*others.back());
    ASSERT_TRUE(std::holds_alternative<Wait>(answer)) << i;
  }
  EXPECT_NE(others.back()->busy_since_us, 0);
  EXPECT_EQ(others.back()->hashing, nullptr) << "no password work yet";
  while (verifier_.under_way() > 0 || loop_.turn()) {
  }
}

TEST_F(UserFilterTest, NetworksAndPasswordChange) {
  User user;
  user.id = UserId{0x33};
  user.account = kAccount;
  user.username = "limited";
  user.verifier = *auth::hash_password(kPassword, {64, 1, 1}, random_);
  user.roles = {{kFullRole, {}}};
  user.allowed_networks = {*Network::parse("10.0.0.0/8")};
  put(user);
  EXPECT_EQ(with("limited", kPassword), Reason::UserNetwork);
  user.allowed_networks.clear();
  user.must_change = true;
  put(user);
  EXPECT_EQ(with("limited", kPassword), Reason::PasswordChangeRequired);
  EXPECT_EQ(with("limited", "wrong"), Reason::PasswordWrong);
  Sent change = good(http::Method::Put, "/auth/password");
  change.fields[1].second = basic("limited", kPassword);
  EXPECT_EQ(reason(change), Reason::Ok) << "the one operation that is open";
}

TEST_F(UserFilterTest, ProvedOnceThenCheap) {
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok);
  const std::uint64_t hashed = verifier_.hashed();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(with("john.smith", kPassword), Reason::Ok);
  EXPECT_EQ(verifier_.hashed(), hashed);
}

TEST_F(UserFilterTest, AProofEndsWithWhatItProved) {
  User user;
  user.id = UserId{0x33};
  user.account = kAccount;
  user.username = "jane";
  user.verifier = *auth::hash_password("first", {64, 1, 1}, random_);
  user.roles = {{kFullRole, {}}};
  put(user);
  EXPECT_EQ(with("jane", "first"), Reason::Ok);
  user.status = Status::Blocked;
  put(user);
  EXPECT_EQ(with("jane", "first"), Reason::UserBlocked) << "the state is asked every time";
  user.status = Status::Active;
  user.verifier = *auth::hash_password("second", {64, 1, 1}, random_);
  user.security_version = 2;
  put(user);
  EXPECT_EQ(with("jane", "first"), Reason::PasswordWrong);
  EXPECT_EQ(with("jane", "second"), Reason::Ok);
}

TEST_F(UserFilterTest, UnknownNamesCostARealHash) {
  const std::uint64_t hashed = verifier_.hashed();
  EXPECT_EQ(with("nobody", "x"), Reason::UserUnknown);
  EXPECT_EQ(verifier_.hashed(), hashed + 1);
}

TEST_F(UserFilterTest, TheBudgetEndsGuessingBeforeAnyPasswordWork) {
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok);
  int wrong = 0;
  while (with("john.smith", "guess" + std::to_string(wrong)) == Reason::PasswordWrong) ++wrong;
  EXPECT_EQ(wrong, 10);
  const std::uint64_t hashed = verifier_.hashed();
  const Answer over = [&] {
    Sent sent = good();
    sent.fields[1].second = basic("john.smith", "another guess");
    return run(sent);
  }();
  const auto* refusal = std::get_if<Refusal>(&over);
  ASSERT_NE(refusal, nullptr);
  EXPECT_EQ(refusal->reason, Reason::TooManyFailures);
  EXPECT_EQ(refusal->retry_after_s, 1);
  EXPECT_EQ(verifier_.hashed(), hashed);
  int malformed = 0;
  while (with_field("Basic !!!") == Reason::CredentialMalformed) ++malformed;
  EXPECT_EQ(malformed, 10) << "of the 20 refusals that a key has at one source";
  EXPECT_EQ(with("nobody", "x"), Reason::TooManyFailures) << "before any password work";
  EXPECT_EQ(verifier_.hashed(), hashed);
}

TEST_F(UserFilterTest, ASpentBudgetServesTheCredentialThatSucceededOnThisConnection) {
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok);
  for (int i = 0; i < 25; ++i) with("john.smith", "guess" + std::to_string(i));
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok) << "it was told already";
  context_.familiar = {};
  context_.familiar_key = {};
  EXPECT_EQ(with("john.smith", kPassword), Reason::TooManyFailures)
      << "a cached right answer is still an answer to a guess";
  Sent elsewhere = good();
  elsewhere.client = "198.51.100.7";
  EXPECT_EQ(reason(elsewhere), Reason::Ok) << "another network has its own budget";
  clock_.advance_us(1'000'000);
  EXPECT_EQ(with("john.smith", kPassword), Reason::Ok) << "one try per step";
}

TEST_F(UserFilterTest, RightPasswordsChargeNothing) {
  for (int i = 0; i < 60; ++i) {
    add_user("user" + std::to_string(i), Status::Active, {{kFullRole, {}}});
    EXPECT_EQ(with("user" + std::to_string(i), kPassword), Reason::Ok) << "each needs a slow hash";
  }
  EXPECT_FALSE(budget_.spent(context_.key_id, source_network(*IpAddress::parse("192.0.2.1"))));
}

TEST_F(UserFilterTest, AFullPoolIs503AndChargesNothing) {
  verifier_.stop();
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(with("john.smith", kPassword), Reason::HashPoolFull) << "never a 401";
  }
}

TEST_F(UserFilterTest, AVerifierThatCannotBeReadIsOurFault) {
  User user;
  user.id = UserId{0x33};
  user.account = kAccount;
  user.username = "broken";
  user.verifier = "garbage";
  put(user);
  EXPECT_EQ(with("broken", kPassword), Reason::InternalError);
}

TEST_F(UserFilterTest, GeneratedPasswordsNeedNoPool) {
  const auth::GeneratedPassword made = auth::generate_password(random_);
  User user;
  user.id = UserId{0x33};
  user.account = kAccount;
  user.username = "robot";
  user.verifier = made.verifier;
  user.roles = {{kFullRole, {}}};
  put(user);
  verifier_.stop();
  EXPECT_EQ(with("robot", std::string(made.text.reveal())), Reason::Ok);
  EXPECT_EQ(with("robot", "wrong"), Reason::PasswordWrong);
}

// What happens to the key while a password is hashed counts.
TEST_F(UserFilterTest, AKeyRevokedDuringTheHashOpensNothing) {
  parse(good());
  context_.reset(request_, loop_);
  context_.match = router_->match(request_);
  Answer answer = chain_.run(context_);
  ASSERT_TRUE(std::holds_alternative<Wait>(answer));
  const auto pending = std::get<Wait>(answer).pending;
  context_.forget_tables();
  ApiKey key;
  key.id = context_.key_id;
  key.subscription = kSubscription;
  key.digest = sha256(key_);
  key.status = Status::Revoked;
  put(key);
  while (!pending->finished) loop_.turn();
  answer = chain_.run(context_);
  ASSERT_TRUE(std::holds_alternative<Refusal>(answer));
  EXPECT_EQ(std::get<Refusal>(answer).reason, Reason::KeyRevoked);
}

}  // namespace
}  // namespace sallyport::gateway
