// What the storage tests share: a directory that goes away, an open database with the schema in it,
// and a small world of entities and messages that refer to each other. One test, one thread.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/entities.h"
#include "messaging/message_store.h"
#include "storage/database.h"
#include "storage/store.h"

// Tests name the fields that they are about; g++ 12 asks for all of them.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace sallyport::storage {

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "storage-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline Secret audit_key() { return Secret(std::string(32, 'k')); }

// A database with the newest schema, without writer and readers around it.
inline std::unique_ptr<Database> open_schema(const Directory& directory) {
  const std::string path = directory.file("sallyport.db");
  EXPECT_TRUE(create_store_file(path, audit_key()));
  auto database = open_store_file(path, {});
  EXPECT_TRUE(database) << database.error().message;
  return database ? std::move(*database) : nullptr;
}

inline constexpr AccountId kAccount{0xA000000000000001};  // negative as a signed number
inline constexpr AccountId kOtherAccount{0x2};
inline constexpr WorkspaceId kWorkspace{0x51};
inline constexpr WorkspaceId kOtherWorkspace{0x52};
inline constexpr UserId kUser{0x71};
inline constexpr ApplicationId kApplication{0x31};
inline constexpr SubscriptionId kSubscription{0x41};

// Two accounts with a default workspace each, one application with a subscription and a user.
inline Change small_world() {
  Change change;
  change.put = {
      Entity(Account{.id = kAccount, .name = "one"}),
      Entity(Account{.id = kOtherAccount, .name = "two"}),
      Entity(Workspace{.id = kWorkspace, .account = kAccount, .is_default = true}),
      Entity(Workspace{.id = kOtherWorkspace, .account = kOtherAccount, .is_default = true}),
      Entity(Plan{.id = PlanId{0x21}, .name = "basic"}),
      Entity(Application{.id = kApplication, .account = kAccount, .name = "app"}),
      Entity(Subscription{.id = kSubscription, .application = kApplication, .plan = PlanId{0x21}}),
      Entity(User{.id = kUser, .account = kAccount, .username = "Ann", .verifier = "$x$"}),
  };
  change.audit = {.time_us = 5, .actor = "test", .action = "world.make", .subject = "all"};
  return change;
}

inline MessageId message_id(std::uint64_t low) { return MessageId{0xF1, low}; }

inline messaging::Message sample_message(std::uint64_t low, std::int64_t created_us = 1000,
                                         std::int64_t due_us = 1000) {
  messaging::Message message;
  message.id = message_id(low);
  message.account = kAccount;
  message.workspace = kWorkspace;
  message.user = kUser;
  message.application = kApplication;
  message.from_name = "Ann Example";
  message.username = "Ann";
  message.created_us = created_us;
  message.content.to = "a@example.test";
  message.content.subject = "subject " + std::to_string(low);
  message.content.body = "body";
  message.recipients.push_back({.index = 1,
                                .channel = messaging::ChannelKind::Email,
                                .destination = "a@example.test",
                                .next_attempt_us = due_us});
  return message;
}

inline StoreOptions options_for(const Directory& directory, const std::string& vfs = {}) {
  return StoreOptions{
      .path = directory.file("sallyport.db"), .audit_key = audit_key(), .limits = {}, .vfs = vfs};
}

// A new store that holds the small world.
inline std::unique_ptr<Store> make_store(const Directory& directory, const std::string& vfs = {}) {
  auto store = Store::create(options_for(directory, vfs));
  EXPECT_TRUE(store) << store.error().message;
  if (!store) return nullptr;
  auto made = (*store)->apply(small_world());
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*store);
}

}  // namespace sallyport::storage
