#include "messaging/channels/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace sallyport::messaging {
namespace {

using Kind = RecipientResult::Kind;
namespace fs = std::filesystem;

Task<void> drive(Channel* channel, Attempt attempt, std::optional<Delivery>* out) {
  Delivery delivery = co_await channel->deliver(std::move(attempt));
  out->emplace(std::move(delivery));
}

class FileChannelTest : public testing::Test {
 protected:
  OutgoingMail mail_{"from@example.org"};
  FileChannelTest() {
    std::string name = (fs::temp_directory_path() / "sallyport_file_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    message_.id = MessageId{0xAB, 0xCD};
    message_.content.subject = "s";
    message_.content.body = "b";
    for (const char* address : {"a@example.com", "b@example.com"}) {
      Recipient& one = message_.recipients.emplace_back();
      one.index = static_cast<std::int32_t>(message_.recipients.size());
      one.destination = address;
    }
  }
  ~FileChannelTest() override { fs::remove_all(folder_); }

  Delivery deliver(FileChannel& channel, std::vector<std::int32_t> recipients) {
    std::optional<Delivery> out;
    Task<void> task = drive(&channel, {message_, std::move(recipients)}, &out);
    task.start();
    EXPECT_TRUE(out);
    return out.value_or(Delivery());
  }
  static std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  fs::path folder_;
  Message message_;
};

TEST_F(FileChannelTest, WritesOneFileForEachRecipient) {
  const fs::path outbox = folder_ / "outbox";
  FileChannel channel(outbox.string(), mail_);
  const Delivery delivery = deliver(channel, {1, 2});
  ASSERT_EQ(delivery.results.size(), 2U);
  EXPECT_EQ(delivery.results[0].kind, Kind::Sent);
  EXPECT_EQ(delivery.results[1].recipient, 2);
  const std::string id = "00000000000000AB00000000000000CD";
  const std::string first = read(outbox / (id + "-1.eml"));
  EXPECT_NE(first.find("To: a@example.com\r\n"), std::string::npos);
  EXPECT_EQ(first.find("b@example.com"), std::string::npos);
  EXPECT_NE(read(outbox / (id + "-2.eml")).find("To: b@example.com\r\n"), std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(outbox), fs::directory_iterator()), 2)
      << "no temporary file is left";
  struct stat info{};
  ASSERT_EQ(::stat((outbox / (id + "-1.eml")).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(FileChannelTest, AnotherAttemptReplacesTheFile) {
  FileChannel channel(folder_.string(), mail_);
  deliver(channel, {1});
  const fs::path file = folder_ / (message_.id.hex() + "-1.eml");
  const std::string before = read(file);
  EXPECT_EQ(deliver(channel, {1}).results[0].kind, Kind::Sent);
  EXPECT_EQ(read(file), before);
}

TEST_F(FileChannelTest, AFolderThatCannotBeWrittenDefers) {
  std::ofstream(folder_ / "taken") << "a file, not a folder";
  FileChannel channel((folder_ / "taken").string(), mail_);
  const Delivery delivery = deliver(channel, {1});
  EXPECT_EQ(delivery.results[0].kind, Kind::Deferred);
  EXPECT_NE(delivery.results[0].text.find("open"), std::string::npos);
}

TEST_F(FileChannelTest, WhatCannotBeWrittenAsMailFails) {
  FileChannel channel(folder_.string(), mail_);
  message_.content.subject = "s\nx";
  EXPECT_EQ(deliver(channel, {1}).results[0].kind, Kind::Failed);
  EXPECT_EQ(deliver(channel, {7}).results[0].kind, Kind::Failed) << "no such recipient";
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace sallyport::messaging
