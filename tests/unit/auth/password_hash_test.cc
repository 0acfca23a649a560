#include "auth/password_hash.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace sallyport::auth {
namespace {

constexpr Argon2Cost kCheap{64, 1, 1};

TEST(PasswordHash, RightAndWrong) {
  SeededRandom random(1);
  const auto verifier = hash_password("a password", kCheap, random);
  ASSERT_TRUE(verifier.has_value());
  EXPECT_TRUE(verifier->starts_with("$argon2id$v=19$m=64,t=1,p=1$")) << *verifier;
  EXPECT_EQ(verify_password(*verifier, "a password"), Verdict::Right);
  EXPECT_EQ(verify_password(*verifier, "a passwore"), Verdict::Wrong);
  EXPECT_EQ(verify_password(*verifier, ""), Verdict::Wrong);
  EXPECT_NE(*hash_password("a password", kCheap, random), *verifier) << "salted";
  EXPECT_FALSE(is_fast(*verifier));
}

TEST(PasswordHash, TheConfiguredCostIsTheDefault) {
  SeededRandom random(2);
  EXPECT_TRUE(
      hash_password("x", Argon2Cost{}, random)->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

// The test vector of the reference implementation for Argon2id v=19, m=65536, t=2, p=1.
TEST(PasswordHash, AgreesWithTheReference) {
  constexpr std::string_view kVerifier =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  EXPECT_EQ(verify_password(kVerifier, "password"), Verdict::Right);
}

TEST(PasswordHash, ComposedAndDecomposedAreOnePassword) {
  SeededRandom random(3);
  const auto verifier = hash_password("pa\xCC\x88ss", kCheap, random);
  EXPECT_EQ(verify_password(*verifier, "p\xC3\xA4ss"), Verdict::Right);
}

TEST(PasswordHash, WhatIsNoPassword) {
  SeededRandom random(4);
  EXPECT_FALSE(hash_password("", kCheap, random));
  EXPECT_FALSE(hash_password("a\nb", kCheap, random));
  EXPECT_FALSE(hash_password("\xFF", kCheap, random));
  EXPECT_FALSE(hash_password(std::string(1025, 'x'), kCheap, random));
}

TEST(PasswordHash, GeneratedPasswordsNeedNoSlowHash) {
  SeededRandom random(5);
  const GeneratedPassword made = generate_password(random);
  EXPECT_EQ(made.text.size(), 32U);
  EXPECT_TRUE(made.verifier.starts_with("$sha256$"));
  EXPECT_TRUE(is_fast(made.verifier));
  EXPECT_EQ(verify_password(made.verifier, made.text.reveal()), Verdict::Right);
  EXPECT_EQ(verify_password(made.verifier, "something else"), Verdict::Wrong);
}

TEST(PasswordHash, NothingFitsADummy) {
  SeededRandom random(6);
  EXPECT_EQ(verify_password(dummy_verifier(kCheap, random), "x"), Verdict::Wrong)
      << "and it is hashed for real: anything else would be Unusable";
}

TEST(PasswordHash, WhatCannotBeDecided) {
  for (const char* verifier : {
           "",
           "plain text",
           "$sha256$zz",
           "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA",
           "$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$AAAA",
           "$argon2id$v=19$m=99999999,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
           "$argon2id$v=19$m=64,t=11,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
           "$argon2id$v=19$m=64,t=1,p=9$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
           "$argon2id$v=19$m=64,t=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
           "$argon2id$v=19$m=64,t=1,p=1$",
       }) {
    EXPECT_EQ(verify_password(verifier, "password"), Verdict::Unusable) << verifier;
  }
}

}  // namespace
}  // namespace sallyport::auth
