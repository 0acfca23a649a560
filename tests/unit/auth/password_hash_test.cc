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

TEST(PasswordHash, ADummyIsOfTheKindAndCostOfARealOne) {
  SeededRandom random(7);
  for (const std::string& verifier : {
           *hash_password("x", kCheap, random),
           std::string("$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2"),
           std::string("$5$rounds=1000$saltsalt$R6e4P8ccT9iMqkYg7Z8YtpId/lfsIfnuPkp8WXposU8"),
           std::string("$y$j75$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/"),
           std::string("$pbkdf2-sha256$1000$8PHy8/T19vf4.fr7/P3./w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/"
                       "8XwH97PVwMU"),
           std::string("scrypt$NaClNaCl$1024$8$1$BFctiq11ddsFA7tHnJbQjJVtW8PnXTZ+BDwThlBIK3ifpjP46l"
                       "LBBQqNEdo5JAUpXjswbLDT1X9WoPj6O0clbQ=="),
           *import_hash("{SSHA}Ki+Q9Ri8Nn2QN1jUbcaqfsgK/pJOYUNs", kCheap, random),
           generate_password(random).verifier,
       }) {
    for (int i = 0; i < 20; ++i) {
      const std::string dummy = dummy_like(verifier, random);
      EXPECT_NE(dummy, verifier);
      EXPECT_EQ(dummy.size(), verifier.size());
      ASSERT_TRUE(read_format(dummy)) << dummy << ": " << read_format(dummy).error().message;
      EXPECT_EQ(read_format(dummy)->cost, read_format(verifier)->cost);
      EXPECT_EQ(verify_password(dummy, "x"), Verdict::Wrong) << dummy;
      EXPECT_EQ(verify_password(dummy, "correct horse"), Verdict::Wrong) << dummy;
    }
  }
}

TEST(PasswordHash, FastHashesAreImportedInsideArgon2id) {
  SeededRandom random(8);
  for (const char* text :
       {"{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "{SSHA}Ki+Q9Ri8Nn2QN1jUbcaqfsgK/pJOYUNs"}) {
    const auto verifier = import_hash(text, kCheap, random);
    ASSERT_TRUE(verifier) << text;
    EXPECT_TRUE(verifier->starts_with("$wrap-sha1$")) << *verifier;
    EXPECT_NE(verifier->find("$argon2id$v=19$m=64,t=1,p=1$"), std::string::npos);
    EXPECT_EQ(verify_password(*verifier, "correct horse"), Verdict::Right);
    EXPECT_EQ(verify_password(*verifier, "wrong"), Verdict::Wrong);
    EXPECT_EQ(verifier->find("L55TUjti"), std::string::npos) << "the fast hash is nowhere in it";
  }
}

TEST(PasswordHash, WhatIsImportedAsItIs) {
  SeededRandom random(9);
  const std::string bcrypt = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
  EXPECT_EQ(*import_hash(bcrypt, kCheap, random), bcrypt);
  EXPECT_FALSE(import_hash("$apr1$salt$xxxxxxxxxxxxxxxxxxxxxx", kCheap, random));
  EXPECT_FALSE(import_hash("{SHA}short", kCheap, random));
  EXPECT_FALSE(import_hash(generate_password(random).verifier, kCheap, random))
      << "fast, and nobody says that the password was a generated one";
}

// From elsewhere: of whatever bytes the client sent.
TEST(PasswordHash, TheBytesAsSentAreTriedToo) {
  const std::string decomposed = "pa\xCC\x88ss";
  const std::string composed = "p\xC3\xA4ss";
  // Of the decomposed form, by Python's crypt.
  const std::string verifier =
      "$5$rounds=1000$saltsalt$11LK8CFHxtucoqY52Xiv1WRB4w2AfHDdGBtyIMJEWz9";
  EXPECT_EQ(verify_password(verifier, composed), Verdict::Wrong);
  EXPECT_EQ(verify_password(verifier, composed, decomposed), Verdict::Right);
}

TEST(PasswordHash, WhatIsHashedAnewAtTheNextSuccess) {
  SeededRandom random(10);
  const Argon2Cost dearer{128, 1, 1};
  EXPECT_FALSE(needs_upgrade(*hash_password("x", kCheap, random), kCheap));
  EXPECT_TRUE(needs_upgrade(*hash_password("x", kCheap, random), dearer));
  EXPECT_TRUE(
      needs_upgrade("$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2", kCheap));
  EXPECT_TRUE(
      needs_upgrade(*import_hash("{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", kCheap, random), kCheap));
  EXPECT_FALSE(needs_upgrade(generate_password(random).verifier, kCheap));
  EXPECT_FALSE(needs_upgrade("garbage", kCheap));
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
