// An Engine on a hand-cranked loop, a store in memory and two accounts; requests as a client would
// send them. One thread.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "messaging/engine.h"
#include "support/manual_loop.h"
#include "unit/messaging/fake_store.h"

namespace sallyport::messaging::test {

inline constexpr char kJson[] = "application/vnd.whispir.message-v1+json";
inline constexpr char kXml[] = "application/vnd.whispir.message-v1+xml";
inline constexpr AccountId kAccount{0xAD4EE78A3CF84D68};
inline constexpr AccountId kOtherAccount{0xB000000000000001};
inline constexpr WorkspaceId kDefault{0xBB9ECBE5BA73CD81};
inline constexpr WorkspaceId kSecond{0x174157CA505F4142};
inline constexpr WorkspaceId kDisabled{0x1111111111111111};
inline constexpr WorkspaceId kOthers{0x2222222222222222};
inline constexpr UserId kUser{0x7700000000000001};

class FixedBody final : public http::BodyReader {
 public:
  explicit FixedBody(std::expected<std::string, http::BodyFault> content)
      : content_(std::move(content)) {}
  Task<std::expected<std::string, http::BodyFault>> read_all(std::size_t limit) override {
    was_read = true;
    if (content_ && content_->size() > limit) co_return std::unexpected(http::BodyFault::TooLarge);
    co_return content_;
  }
  bool was_read = false;

 private:
  std::expected<std::string, http::BodyFault> content_;
};

// A request's text, kept for its views.
struct Sent {
  http::Method method = http::Method::Get;
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::expected<std::string, http::BodyFault> body = std::string();
};

class EngineTest : public testing::Test {
 protected:
  EngineTest();

  // Posts and gets run until the loop is idle.
  Result<http::Response> run(Sent sent);
  http::Response get(std::string target, std::string accept = {});
  http::Response post(std::string body, std::string type = kJson, std::string accept = kJson,
                      std::string target = "/messages");

  static std::string field(const http::Response& response, std::string_view name);
  static Workspace workspace(AccountId account, WorkspaceId id, std::string name);
  // A message in the store as if it had been posted; the first has 32 digits ending in 1.
  Message& stored(std::uint64_t number, WorkspaceId in = kDefault, AccountId of = kAccount);

  config::Config config;
  ManualClock clock;
  sallyport::test::ManualLoop loop{clock};
  SeededRandom random{7};
  FakeStore store;
  ImmediateReclaimer reclaimer;
  WorkspaceTable workspaces{reclaimer};
  int wakes = 0;
  std::string zone = "UTC";
  Caller caller;
  Engine engine;
};

}  // namespace sallyport::messaging::test
