#include "admin/check_command.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "admin/certificates.h"

namespace sallyport::admin {
namespace {

namespace fs = std::filesystem;

class CheckTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
    const auto made = make_demo_certificates();
    ASSERT_TRUE(made);
    write("server.pem", made->server_pem, 0644);
    write("server.key", made->server_key_pem, 0600);
    write("sallyport.toml", kGood, 0644);
  }
  void TearDown() override { fs::remove_all(directory_); }
  void write(const std::string& name, const std::string& text, mode_t mode) const {
    std::ofstream(directory_ + "/" + name) << text;
    ASSERT_EQ(::chmod((directory_ + "/" + name).c_str(), mode), 0);
  }
  CommandReply run() const { return check(directory_ + "/sallyport.toml", SystemClock()); }
  // The only problem's text behind "FILE:LINE:COLUMN: ".
  std::string problem() const {
    const CommandReply reply = run();
    EXPECT_EQ(reply.exit_code, kRefused);
    const std::size_t place = reply.error.find(": ");
    return place == std::string::npos ? reply.error : reply.error.substr(place + 2);
  }

  static constexpr const char* kGood =
      "[[listener]]\nkind = \"tls\"\ncertificate = \"server.pem\"\nkey = \"server.key\"\n"
      "[[api]]\nname = \"messaging\"\n[[api.host]]\nhost = \"localhost\"\n";
  const std::string directory_ =
      testing::TempDir() + std::to_string(::getpid()) + "-check_command_test";
};

TEST_F(CheckTest, WhatIsRightIsSaidToBe) {
  const CommandReply reply = run();
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_EQ(reply.text, directory_ + "/sallyport.toml: no problem\n");
}

TEST_F(CheckTest, TheKeyMustBeClosedToOthers) {
  ::chmod((directory_ + "/server.key").c_str(), 0640);
  EXPECT_EQ(problem(), directory_ +
                           "/server.key: group or others can read or write it (mode "
                           "0640); chmod 600 it");
}

TEST_F(CheckTest, AMissingFileIsNamedWithThePlaceOfItsKey) {
  fs::remove(directory_ + "/server.pem");
  EXPECT_EQ(run().error, directory_ + "/sallyport.toml:3:1: " + directory_ +
                             "/server.pem: No such file or directory");
}

TEST_F(CheckTest, GarbledFilesAreRefused) {
  write("server.pem", "garbage", 0644);
  EXPECT_EQ(problem(), directory_ + "/server.pem: is no certificate in PEM");
  write("server.key", "garbage", 0600);
  const CommandReply reply = run();
  EXPECT_NE(reply.error.find("server.key: is no private key in PEM without a pass phrase"),
            std::string::npos);
}

TEST_F(CheckTest, AKeyOfAnotherCertificateIsRefused) {
  write("server.key", make_demo_certificates()->server_key_pem, 0600);
  EXPECT_EQ(problem(), directory_ + "/server.key: is not the key of " + directory_ + "/server.pem");
}

TEST_F(CheckTest, AnExpiredCertificateIsRefused) {
  const auto parsed = config::load(directory_ + "/sallyport.toml");
  const std::int64_t now_us = SystemClock().unix_us();
  const std::int64_t year_us = 366LL * 86'400 * 1'000'000;
  EXPECT_TRUE(check_files(parsed, "x", now_us).empty());
  auto problems = check_files(parsed, "x", now_us + 2 * year_us);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].to_string(),
            "x:3:1: " + directory_ + "/server.pem: the certificate is expired");
  problems = check_files(parsed, "x", now_us - year_us);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].text.find("is not valid yet"), std::string::npos);
}

TEST_F(CheckTest, FilesAndPatternsOfForwardingAreLookedAt) {
  const std::string forwarding =
      std::string(kGood) +
      "[[upstream]]\nname = \"orders\"\nendpoints = [\"http://127.0.0.1\"]\n"
      "[upstream.credential]\nheader = \"x-token\"\nsecret_file = \"token\"\n"
      "[[api]]\nname = \"orders\"\nupstream = \"orders\"\n[[api.host]]\nhost = \"orders\"\n";
  write("sallyport.toml", forwarding, 0644);
  EXPECT_EQ(problem(), directory_ + "/token: No such file or directory");
  write("token", "Bearer x\n", 0644);
  EXPECT_EQ(problem(),
            directory_ + "/token: group or others can read or write it (mode 0644); chmod 600 it");
  ::chmod((directory_ + "/token").c_str(), 0600);
  EXPECT_EQ(run().exit_code, kDone);
  write("sallyport.toml", forwarding + "[[api.route]]\npath = \"/a/**/b\"\n", 0644);
  EXPECT_NE(problem().find("can never match"), std::string::npos);
}

TEST_F(CheckTest, TheFolderOfTheAccessLogMustBeThere) {
  write("sallyport.toml", std::string(kGood) + "[access_log]\npath = \"log/access.log\"\n", 0644);
  EXPECT_EQ(problem(), directory_ + "/log: there is no such folder");
}

TEST_F(CheckTest, ProblemsOfFilesAndOfMeaningComeTogether) {
  write("sallyport.toml", std::string(kGood) + "[limts]\nhead_bytes = 1\n", 0644);
  fs::remove(directory_ + "/server.key");
  const CommandReply reply = run();
  EXPECT_NE(reply.error.find("unknown table \"limts\""), std::string::npos);
  EXPECT_NE(reply.error.find("server.key: No such file"), std::string::npos);
}

TEST_F(CheckTest, WarningsAloneAreNoFailure) {
  write("sallyport.toml", std::string(kGood) + "[telemetry]\naddress = \"0.0.0.0\"\n", 0644);
  const CommandReply reply = run();
  EXPECT_EQ(reply.exit_code, kDone);
  EXPECT_EQ(reply.text, directory_ + "/sallyport.toml: usable, with warnings\n");
  EXPECT_NE(reply.error.find("warning: "), std::string::npos);
}

TEST_F(CheckTest, AFileThatIsNotThereOrNotTomlIsTheOneProblem) {
  EXPECT_EQ(check("/nowhere/x.toml", SystemClock()).error,
            "/nowhere/x.toml: cannot be read: No such file or directory");
  write("sallyport.toml", "[listener\n", 0644);
  EXPECT_EQ(run().exit_code, kRefused);
}

TEST_F(CheckTest, AnIssuersKeysMustBeGood) {
  write("sallyport.toml",
        std::string(kGood) +
            "[[issuer]]\nname = \"login\"\nissuer = \"login\"\naudience = [\"us\"]\n"
            "algorithms = [\"EdDSA\"]\naccounts = [\"*\"]\njwks_file = \"login.json\"\n",
        0644);
  EXPECT_EQ(problem(), directory_ + "/login.json: No such file or directory");
  write("login.json", R"({"keys":[{"kty":"oct","k":"c2VjcmV0"}]})", 0644);
  EXPECT_EQ(problem(), directory_ + "/login.json: no key of an algorithm that is accepted");
  write("login.json",
        R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a",)"
        R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})",
        0644);
  EXPECT_EQ(run().exit_code, kDone) << run().error;
}

}  // namespace
}  // namespace sallyport::admin
