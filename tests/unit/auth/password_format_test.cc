#include "auth/password_format.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::auth {
namespace {

const std::string kSalt = "c29tZXNhbHQ";
const std::string kTag = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
const std::string k43(43, 'x');
const std::string k53(53, 'x');

TEST(PasswordFormat, WhatIsReadOfEachKind) {
  const struct {
    std::string verifier;
    HashKind kind;
    std::string cost;
  } kCases[] = {
      {"$argon2id$v=19$m=262144,t=10,p=8$" + kSalt + "$" + kTag, HashKind::Argon2id,
       "$argon2id$v=19$m=262144,t=10,p=8$"},
      {"$sha256$" + std::string(64, 'a'), HashKind::Sha256, "$sha256$"},
      {"$2y$04$" + k53, HashKind::Crypt, "$2y$04$"},
      {"$2b$14$" + k53, HashKind::Crypt, "$2b$14$"},
      {"$2a$10$" + k53, HashKind::Crypt, "$2a$10$"},
      {"$5$salt$" + k43, HashKind::Crypt, "$5$"},
      {"$5$rounds=1000000$salt$" + k43, HashKind::Crypt, "$5$rounds=1000000$"},
      {"$6$rounds=1000$0123456789abcdef$" + k43 + k43, HashKind::Crypt, "$6$rounds=1000$"},
      {"$y$j9T$salt$" + k43, HashKind::Crypt, "$y$j9T$"},
      {"$7$CU..../....salt$" + k43, HashKind::Crypt, "$7$CU..../...."},
      {"$pbkdf2-sha256$2000000$" + kSalt + "$" + kTag, HashKind::Pbkdf2, "$pbkdf2-sha256$2000000$"},
      {"$pbkdf2-sha512$i=1000$" + kSalt + "$" + kTag, HashKind::Pbkdf2, "$pbkdf2-sha512$i=1000$"},
      {"pbkdf2_sha256$600000$text$" + kTag + "=", HashKind::Pbkdf2, "pbkdf2_sha256$600000$"},
      {"$scrypt$ln=18,r=8,p=1$" + kSalt + "$" + kTag, HashKind::Scrypt, "$scrypt$ln=18,r=8,p=1$"},
      {"scrypt$text$16384$8$5$" + kTag + "=", HashKind::Scrypt, "scrypt$"},
      {"$wrap-sha1$" + kSalt + "$argon2id$v=19$m=64,t=1,p=1$" + kSalt + "$" + kTag,
       HashKind::WrappedSha1, "$argon2id$v=19$m=64,t=1,p=1$"},
      {"$wrap-sha1$$argon2id$v=19$m=64,t=1,p=1$" + kSalt + "$" + kTag, HashKind::WrappedSha1,
       "$argon2id$v=19$m=64,t=1,p=1$"},
  };
  for (const auto& [verifier, kind, cost] : kCases) {
    const auto format = read_format(verifier);
    ASSERT_TRUE(format) << verifier << ": " << format.error().message;
    EXPECT_EQ(format->kind, kind) << verifier;
    EXPECT_EQ(format->cost, cost) << verifier;
  }
}

TEST(PasswordFormat, WhatIsRefusedAndWhy) {
  const struct {
    std::string verifier;
    std::string rule;  // a part of it
  } kCases[] = {
      {"", "not a kind of hash that is accepted"},
      {"plain text", "without blanks"},
      {"secret", "not a kind of hash that is accepted"},
      {"$apr1$saltsalt$xxxxxxxxxxxxxxxxxxxxxx", "MD5"},
      {"$1$saltsalt$xxxxxxxxxxxxxxxxxxxxxx", "MD5"},
      {"{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "not a kind"},  // only wrapped, never as it is
      {std::string(513, '$'), "512 bytes"},
      {"$argon2i$v=19$m=64,t=1,p=1$" + kSalt + "$" + kTag, "not a kind"},
      {"$argon2id$m=64,t=1,p=1$" + kSalt + "$" + kTag, "version 19"},
      {"$argon2id$v=19$m=262145,t=1,p=1$" + kSalt + "$" + kTag, "262145 is over 262144"},
      {"$argon2id$v=19$m=64,t=11,p=1$" + kSalt + "$" + kTag, "11 is over 10"},
      {"$argon2id$v=19$m=64,t=1,p=9$" + kSalt + "$" + kTag, "9 is over 8"},
      {"$argon2id$v=19$m=8,t=1,p=2$" + kSalt + "$" + kTag, "8 KiB for each lane"},
      {"$argon2id$v=19$m=64,t=0,p=1$" + kSalt + "$" + kTag, "needs a pass"},
      {"$argon2id$v=19$m=064,t=1,p=1$" + kSalt + "$" + kTag, "must say m="},
      {"$argon2id$v=19$t=1,m=64,p=1$" + kSalt + "$" + kTag, "must say m="},
      {"$argon2id$v=19$m=64,t=1,p=1$c2FsdA$" + kTag, "salt (8 to 64 bytes)"},
      {"$argon2id$v=19$m=64,t=1,p=1$" + kSalt + "$c2FsdA", "tag (16 to 64)"},
      {"$argon2id$v=19$m=64,t=1,p=1$" + kSalt + "$" + kTag + "=", "without padding"},
      {"$2y$15$" + k53, "15 is over 14"},
      {"$2y$03$" + k53, "from 04 on"},
      {"$2y$1x$" + k53, "two digits"},
      {"$2y$10$" + k53 + "x", "53 characters"},
      {"$2x$10$" + k53, "not a kind"},
      {"$5$rounds=1000001$salt$" + k43, "1000001 is over 1000000"},
      {"$5$rounds=999$salt$" + k43, "from 1000 on"},
      {"$5$rounds=01000$salt$" + k43, "from 1000 on"},
      {"$5$0123456789abcdefg$" + k43, "up to 16 characters"},
      {"$5$salt$" + k43 + "x", "43 characters"},
      {"$6$salt$" + k43, "86 characters"},
      {"$6$sa:lt$" + k43 + k43, "./0-9A-Za-z"},
      {"$y$jFT$salt$" + k43, "over 256 MiB"},
      {"$y$k9T$salt$" + k43, "form j9T"},
      {"$y$j9T5$salt$" + k43, "form j9T"},
      {"$y$j9z$salt$" + k43, "form j9T"},
      {"$7$CU..../...", "11 characters"},
      {"$7$GU..../....salt$" + k43, "over 256 MiB"},
      {"$7$zU..../....salt$" + k43, "over 256 MiB"},
      {"$7$CU....7....salt$" + k43, "9 is over 8"},
      {"$7$CU..../....salt$" + k43 + "x", "43 characters"},
      {"$7$CU..../....$" + k43, "43 characters"},
      {"$pbkdf2-sha256$999$" + kSalt + "$" + kTag, "from 1000 on"},
      {"$pbkdf2-sha256$2000001$" + kSalt + "$" + kTag, "2000001 is over 2000000"},
      {"$pbkdf2-sha256$i=1000,l=31$" + kSalt + "$" + kTag, "length of pbkdf2"},
      {"$pbkdf2-sha256$1000$YQ$" + kTag, "salt of 4 to 64"},
      {"$pbkdf2-md5$1000$" + kSalt + "$" + kTag, "not a kind"},
      {"$scrypt$ln=19,r=8,p=1$" + kSalt + "$" + kTag, "over 256 MiB"},
      {"$scrypt$ln=9,r=8,p=1$" + kSalt + "$" + kTag, "N of 1024"},
      {"$scrypt$ln=14,r=8,p=9$" + kSalt + "$" + kTag, "9 is over 8"},
      {"scrypt$text$1000$8$1$" + kTag, "power of two"},
      {"scrypt$text$16384$8$" + kTag, "salt, N, r, p and tag"},
      {"scrypt$text$16384$18446744073709551615$1$" + kTag, "over 256 MiB"},
      {"$wrap-sha1$" + kSalt + "$2y$10$" + k53, "an argon2id"},
      {"$sha256$" + std::string(63, 'a'), "64 hex digits"},
  };
  for (const auto& [verifier, rule] : kCases) {
    const auto format = read_format(verifier);
    ASSERT_FALSE(format) << verifier;
    EXPECT_NE(format.error().message.find(rule), std::string::npos)
        << verifier << ": " << format.error().message;
  }
}

TEST(PasswordFormat, FastHashesForImport) {
  const auto plain = read_fast_import("{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->digest.size(), 20U);
  EXPECT_EQ(plain->salt, "");
  const auto salted = read_fast_import("{SSHA}Ki+Q9Ri8Nn2QN1jUbcaqfsgK/pJOYUNs");
  ASSERT_TRUE(salted);
  EXPECT_EQ(salted->salt, "NaCl");
  for (const char* text :
       {"{SHA}", "{SHA}L55TUjtiq8FBorTWAZ0jy6g1", "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A",
        "{SSHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "{SSHA}!", "{SSHA"}) {
    EXPECT_FALSE(read_fast_import(text)) << text;
  }
}

}  // namespace
}  // namespace sallyport::auth
