#include "admin/socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "admin/wire.h"

namespace sallyport::admin {
namespace {

namespace fs = std::filesystem;

class SocketTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  std::unique_ptr<AdminSocket> open() {
    auto made = AdminSocket::open(directory_, [this](const CommandRequest& request) {
      ++asked_;
      CommandReply reply;
      reply.text = request.actor + ":";
      for (const std::string& word : request.words) reply.text += " " + word;
      if (const auto big = request.options.find("big"); big != request.options.end()) {
        reply.json.assign(3'000'000, 'x');
      }
      return reply;
    });
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  // Sends bytes as they are and gives what comes back.
  std::string raw(const std::string& bytes, bool finish) const {
    const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (directory_ + "/admin.sock").copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::connect(file, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::send(file, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    if (finish) ::shutdown(file, SHUT_WR);
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(file, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(file);
    return answer;
  }

  std::string directory_ = testing::TempDir() + std::to_string(::getpid()) + "-admin_socket_test";
  std::atomic<int> asked_ = 0;
};

TEST_F(SocketTest, ARequestIsAnsweredWithThePeersUid) {
  const auto server = open();
  for (int i = 0; i < 3; ++i) {
    const auto reply = send_command(directory_, {{"key", "list"}, {}, {}, "uid 99"});
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->text, "uid " + std::to_string(::getuid()) + ": key list");
  }
}

TEST_F(SocketTest, TheFileIsForItsOwnerOnly) {
  const auto server = open();
  struct stat found{};
  ASSERT_EQ(::stat((directory_ + "/admin.sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(SocketTest, AnotherUserIsNotHeard) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  const auto server = open();
  // Even where the file's mode would let them.
  ASSERT_EQ(::chmod((directory_ + "/admin.sock").c_str(), 0666), 0);
  int ends[2] = {-1, -1};
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string told = "setuid failed";
    if (::setuid(65'534) == 0) {
      const auto reply = send_command(directory_, {{"key", "list"}, {}, {}, "uid 0"});
      told = reply ? reply->error : reply.error().message;
    }
    [[maybe_unused]] const ssize_t wrote = ::write(ends[1], told.data(), told.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  char buffer[256];
  const ssize_t got = ::read(ends[0], buffer, sizeof(buffer));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(buffer, static_cast<std::size_t>(got)),
            "uid 65534 may not administer this server");
  EXPECT_EQ(asked_, 0);
}

TEST_F(SocketTest, StoppingRemovesTheFile) {
  auto server = open();
  server->stop();
  server->stop();
  EXPECT_FALSE(fs::exists(directory_ + "/admin.sock"));
  const auto reply = send_command(directory_, {{"key", "list"}, {}, {}, ""});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::NotFound);
}

TEST_F(SocketTest, ALeftoverIsReplacedAndWithoutAServerNobodyAnswers) {
  std::ofstream(directory_ + "/admin.sock") << "left behind";
  EXPECT_EQ(send_command(directory_, {}).error().kind, ErrorKind::NotFound);
  const auto server = open();
  EXPECT_TRUE(send_command(directory_, {{"key"}, {}, {}, ""}));
}

TEST_F(SocketTest, ALargeReplyArrivesWhole) {
  const auto server = open();
  const auto reply = send_command(directory_, {{"key"}, {{"big", {""}}}, {}, ""});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->json.size(), 3'000'000U);
}

TEST_F(SocketTest, WhatIsNotARequestIsRefused) {
  const auto server = open();
  const auto reply = parse_reply(raw("not json\n", false));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->exit_code, kBadUsage);
  EXPECT_EQ(raw("half a request", true), "") << "closed without an answer";
  EXPECT_EQ(asked_, 0);
  EXPECT_TRUE(send_command(directory_, {{"key"}, {}, {}, ""})) << "and the next one is served";
}

TEST_F(SocketTest, TooLongARequestIsRefusedByBothSides) {
  const auto server = open();
  const auto sent = send_command(directory_, {{std::string(kMaxRequestBytes, 'x')}, {}, {}, ""});
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "the command is too long");
  EXPECT_EQ(raw(std::string(kMaxRequestBytes + 1, 'x'), false), "");
  EXPECT_EQ(asked_, 0);
}

TEST_F(SocketTest, APathLongerThanAnAddressWorks) {
  const std::string start = directory_;
  directory_ += "/" + std::string(120, 'd');
  fs::create_directories(directory_);
  {
    const auto server = open();
    EXPECT_TRUE(fs::exists(directory_ + "/admin.sock"));
    EXPECT_TRUE(send_command(directory_, {{"key"}, {}, {}, ""}));
  }
  EXPECT_FALSE(fs::exists(directory_ + "/admin.sock"));
  directory_ = start;
}

TEST_F(SocketTest, AFolderThatIsNotThereIsNamed) {
  const auto made = AdminSocket::open(directory_ + "/nowhere", {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, directory_ + "/nowhere/admin.sock: No such file or directory");
}

TEST_F(SocketTest, BetweenRequestsTheThreadHasOtherWork) {
  std::atomic<int> turns = 0;
  auto made = AdminSocket::open(
      directory_, [](const CommandRequest&) { return CommandReply{}; }, [&turns] { ++turns; });
  ASSERT_TRUE(made);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (turns < 2 && std::chrono::steady_clock::now() < deadline) {
    EXPECT_TRUE(send_command(directory_, {{"x"}, {}, {}, ""}));
  }
  EXPECT_GE(turns, 2) << "also while requests come one after the other";
}

}  // namespace
}  // namespace sallyport::admin
