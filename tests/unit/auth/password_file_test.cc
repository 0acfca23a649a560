#include "auth/password_file.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::auth {
namespace {

const std::string kBcrypt = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";

TEST(PasswordFile, LinesOfHtpasswdAndOfShadow) {
  const struct {
    std::string line;
    std::string name;
    std::string hash;
  } kCases[] = {
      {"jane:" + kBcrypt, "jane", kBcrypt},
      {"jane:" + kBcrypt + "\r\n", "jane", kBcrypt},
      {"jane:" + kBcrypt + ":19000:0:99999:7:::", "jane", kBcrypt},
      {"Jane Doe:{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=", "Jane Doe",
       "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A="},
      {"j:{SSHA}Ki+Q9Ri8Nn2QN1jUbcaqfsgK/pJOYUNs", "j", "{SSHA}Ki+Q9Ri8Nn2QN1jUbcaqfsgK/pJOYUNs"},
  };
  for (const auto& [line, name, hash] : kCases) {
    const auto read = read_password_line(line);
    ASSERT_TRUE(read) << line;
    ASSERT_TRUE(*read) << line << ": " << read->error().message;
    EXPECT_EQ((*read)->name, name);
    EXPECT_EQ((*read)->hash, hash);
  }
}

TEST(PasswordFile, NothingToRead) {
  for (const char* line : {"", "\n", "   ", "# a comment", "#jane:x"}) {
    EXPECT_FALSE(read_password_line(line)) << line;
  }
}

TEST(PasswordFile, WhatIsRefusedAndWhy) {
  const struct {
    std::string line;
    std::string rule;
  } kCases[] = {
      {"jane", "NAME:HASH"},
      {":" + kBcrypt, "1 to 128 bytes"},
      {" jane:" + kBcrypt, "blank"},
      {"\xFF:" + kBcrypt, "UTF-8"},
      {"jane:", "anybody could come in"},
      {"jane::19000", "anybody could come in"},
      {"jane:x:1000:1000::/srv:/bin/sh", "another file"},
      {"jane:!:19000", "locked"},
      {"jane:!" + kBcrypt, "locked"},
      {"jane:*:19000", "locked"},
      {"jane:secret", "not a kind of hash"},
      {"jane:$apr1$salt$xxxxxxxxxxxxxxxxxxxxxx", "MD5"},
      {"jane:{SHA}short", "{SHA} must be"},
      {"jane:$2y$15$" + std::string(53, 'x'), "15 is over 14"},
      {"jane:$sha256$" + std::string(64, 'a'), "must be slow"},
  };
  for (const auto& [line, rule] : kCases) {
    const auto read = read_password_line(line);
    ASSERT_TRUE(read) << line;
    ASSERT_FALSE(*read) << line;
    EXPECT_NE(read->error().message.find(rule), std::string::npos) << read->error().message;
    EXPECT_EQ(read->error().message.find("jane:"), std::string::npos) << "not repeated";
  }
}

}  // namespace
}  // namespace sallyport::auth
