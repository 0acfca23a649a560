#include "telemetry/access_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sallyport::telemetry {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

class AccessLogTest : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + std::to_string(::getpid()) + "-access_log_test.log";
  void SetUp() override { std::filesystem::remove(path_); }
  void TearDown() override { std::filesystem::remove(path_); }
};

TEST_F(AccessLogTest, WritesOneLinePerRequestWithItsFields) {
  auto file = AccessFile::open(path_);
  ASSERT_TRUE(file);
  AccessLog log(*file);
  AccessEntry entry;
  entry.time_us = 1'348'469'776'000'000;
  entry.request_id = "r1";
  entry.client = *IpAddress::parse("192.0.2.1");
  entry.method = "GET";
  entry.path = "/messages";
  entry.query_names = "label&apikey";
  entry.reason = Reason::KeyUnknown;
  entry.status = 403;
  log.add(entry);
  EXPECT_EQ(content_of(path_), "") << "buffered until the flush";
  log.flush();
  EXPECT_EQ(content_of(path_),
            "{\"time\":\"2012-09-24T06:56:16.000000Z\",\"decided_us\":0,\"request_id\":\"r1\","
            "\"client_request_id\":\"\",\"client\":\"192.0.2.1\",\"account\":\"\","
            "\"application\":\"\",\"subscription\":\"\",\"key_id\":\"\",\"user\":\"\","
            "\"api\":\"\",\"route\":\"\",\"method\":\"GET\","
            "\"path\":\"/messages?label&apikey\",\"reason\":\"key_unknown\",\"status\":403,"
            "\"bytes_in\":0,\"bytes_out\":0,\"duration_us\":0}\n");
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AccessLogTest, WhatACandidateWouldHaveSaidIsThereOnlyWhenAsked) {
  EXPECT_EQ(to_string(Shadow::None), "");
  EXPECT_EQ(to_string(Shadow::Same), "same");
  EXPECT_EQ(to_string(Shadow::WouldAllow), "would_allow");
  auto file = AccessFile::open(path_);
  ASSERT_TRUE(file);
  AccessLog log(*file);
  AccessEntry entry;
  entry.permission_shadow = Shadow::WouldDeny;
  entry.shadow_role = "00000000000000AB";
  log.add(entry);
  log.flush();
  const std::string wanted =
      R"("permission_shadow":"would_deny","shadow_role":"00000000000000AB","status":)";
  EXPECT_NE(content_of(path_).find(wanted), std::string::npos) << content_of(path_);
}

TEST_F(AccessLogTest, ARefusedTargetIsALength) {
  auto file = AccessFile::open(path_);
  ASSERT_TRUE(file);
  AccessLog log(*file);
  AccessEntry entry;
  entry.path = "/must-not-appear";
  entry.refused_target_length = 77;
  log.add(entry);
  log.flush();
  EXPECT_NE(content_of(path_).find("\"target_length\":77"), std::string::npos);
  EXPECT_EQ(content_of(path_).find("must-not-appear"), std::string::npos);
}

TEST_F(AccessLogTest, NothingCanEndALine) {
  auto file = AccessFile::open(path_);
  ASSERT_TRUE(file);
  AccessLog log(*file);
  AccessEntry entry;
  entry.path = "/a\"\n{}";
  log.add(entry);
  log.flush();
  const std::string content = content_of(path_);
  EXPECT_EQ(std::count(content.begin(), content.end(), '\n'), 1);
}

TEST(AccessFile, SaysWhyItCannotBeOpened) {
  const auto file = AccessFile::open("/nonexistent/folder/access.log");
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("No such file"), std::string::npos);
}

TEST(AccessFile, AFullDiskIsCounted) {
  const auto file = AccessFile::open("/dev/full");
  ASSERT_TRUE(file);
  {
    AccessLog log(*file);
    log.add(AccessEntry{});
    log.add(AccessEntry{});
  }
  EXPECT_EQ((*file)->dropped(), 2U);
}

TEST(AccessLog, ARequiredLogRefusesWhileItsFileFails) {
  const auto file = AccessFile::open("/dev/full");
  ASSERT_TRUE(file);
  AccessLog required(*file, true);
  AccessLog wished(*file);
  EXPECT_FALSE(required.must_refuse()) << "nothing has failed yet";
  required.add(AccessEntry{});
  required.flush();
  EXPECT_TRUE(required.must_refuse());
  EXPECT_FALSE(wished.must_refuse());
}

TEST_F(AccessLogTest, GoesOnInANewFile) {
  auto file = AccessFile::open(path_);
  ASSERT_TRUE(file);
  AccessLog log(*file);
  log.add({});
  log.flush();
  const std::string old = path_ + ".1";
  std::filesystem::rename(path_, old);
  const std::string before = content_of(old);
  EXPECT_FALSE((*file)->reopen("/nonexistent/access.log"));
  ASSERT_TRUE((*file)->reopen(path_));
  log.add({});
  log.flush();
  EXPECT_EQ(content_of(old), before);
  EXPECT_EQ(content_of(path_), before) << "the same line, in the new one";
  std::filesystem::remove(old);
}

}  // namespace
}  // namespace sallyport::telemetry
