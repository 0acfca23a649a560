#include "storage/backup.h"

#include <fstream>

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class Backup : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open() {
    auto store = Store::open(store_options(directory_.path(), audit_key()));
    EXPECT_TRUE(store) << store.error().message;
    return store ? std::move(*store) : nullptr;
  }
  std::string copy_of(const char* name) {
    const std::string file = directory_.file(name);
    const auto made = backup_store(directory_.path(), file);
    EXPECT_TRUE(made) << made.error().message;
    return file;
  }
  RestoreReport restore(const std::string& file) {
    const auto done = restore_store(directory_.path(), file, audit_key(), "uid 7");
    EXPECT_TRUE(done) << done.error().message;
    return done.value_or(RestoreReport{});
  }
  void put(Store& store, std::vector<Entity> entities) {
    Change change;
    change.put = std::move(entities);
    change.audit = {.time_us = 9, .action = "test"};
    const auto done = store.apply(change);
    EXPECT_TRUE(done) << done.error().message;
  }
  static ApiKey key(std::uint64_t id, Status status) {
    ApiKey made{.id = KeyId{id}, .subscription = kSubscription, .status = status};
    made.digest.fill(static_cast<std::uint8_t>(id));
    return made;
  }

  Directory directory_;
};

TEST_F(Backup, IsOneFileThatHoldsWhatWasAcknowledged) {
  auto store = make_store(directory_);
  put(*store, {key(1, Status::Active)});
  const std::string file = copy_of("copy");
  put(*store, {key(2, Status::Active)});
  EXPECT_EQ(std::filesystem::status(file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  for (const char* suffix : {"-wal", "-shm", ".partial"}) {
    EXPECT_FALSE(std::filesystem::exists(file + suffix)) << suffix;
  }
  auto copy = Database::open(file, Database::Access::ReadOnly);
  ASSERT_TRUE(copy);
  EXPECT_EQ((*copy)->integer("SELECT count(*) FROM api_key").value(), 1) << "of that moment";
  const auto again = backup_store(directory_.path(), file);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict) << "no file is written over";
  EXPECT_FALSE(backup_store(directory_.path(), directory_.file("no/such/folder/x")));
}

TEST_F(Backup, ARestoredStoreBringsNothingBackThatEnded) {
  std::string file;
  {
    auto store = make_store(directory_);
    put(*store, {key(1, Status::Active), key(2, Status::Active), key(3, Status::Active)});
  }
  {
    auto store = open();
    file = copy_of("copy");
    put(*store, {key(1, Status::Revoked), key(4, Status::Active)});
    put(*store, {User{.id = kUser, .account = kAccount, .username = "Ann", .security_version = 5}});
    ASSERT_TRUE(store->settle_quota_marks({{.subscription = kSubscription, .mark = 40}}));
    ASSERT_NE(store->sign_audit_head(1).value(), "");
  }
  const RestoreReport report = restore(file);
  EXPECT_EQ(report.ended, 1);
  EXPECT_EQ(report.users, 1);
  EXPECT_TRUE(std::filesystem::exists(report.kept));
  auto store = open();
  const auto all = store->load().value();
  ASSERT_EQ(all.keys.size(), 3U) << "the key that was made since is not in the backup";
  EXPECT_EQ(all.keys[0].status, Status::Revoked);
  EXPECT_EQ(all.keys[1].status, Status::Active);
  EXPECT_GT(all.users.at(0).security_version, 1'000'000U) << "above any that was given out";
  EXPECT_EQ(store->load_quota_marks().value().at(0).mark, 40U) << "what was used stays used";
  EXPECT_EQ(store->audit_rows(1).value().at(0).entry.action, "store.restore");
  const auto verdict = store->verify_audit("").value();
  EXPECT_TRUE(verdict.intact) << verdict.problem;
  const std::uint64_t version = all.users.at(0).security_version;
  store.reset();
  restore(file);
  EXPECT_GT(open()->load().value().users.at(0).security_version, version) << "each time anew";
}

TEST_F(Backup, OfAStoreThatIsGoneTheLogAloneSaysWhatEnded) {
  std::string file;
  {
    make_store(directory_);
    auto store = open();
    put(*store, {key(1, Status::Active)});
    file = copy_of("copy");
    put(*store, {key(1, Status::Revoked)});
  }
  std::ofstream(directory_.file("sallyport.db"), std::ios::trunc) << "rubbish";
  EXPECT_EQ(restore(file).ended, 1);
  EXPECT_EQ(open()->load().value().keys.at(0).status, Status::Revoked);
}

TEST_F(Backup, WhatIsNoBackupOfOursIsRefused) {
  make_store(directory_);
  const std::string file = copy_of("copy");
  const auto refused = [&](const std::string& path, const Secret& key, const char* part) {
    const auto done = restore_store(directory_.path(), path, key, "uid 7");
    ASSERT_FALSE(done) << part;
    EXPECT_NE(done.error().message.find(part), std::string::npos) << done.error().message;
    EXPECT_FALSE(std::filesystem::exists(directory_.file("sallyport.db.restoring")));
  };
  refused(directory_.file("none"), audit_key(), "none");
  refused(file, Secret(std::string(32, 'x')), "does not verify with this directory's key");
  std::ofstream(directory_.file("text")) << "not a database, but long enough to be looked at";
  refused(directory_.file("text"), audit_key(), "text");
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  refused(file, audit_key(), "copy");
  EXPECT_EQ(open()->load().value().users.size(), 1U) << "the store is as it was";
}

TEST_F(Backup, AnOlderStorePutBackByHandIsNoticed) {
  make_store(directory_);
  const std::string file = copy_of("copy");
  std::string head;
  {
    auto store = open();
    put(*store, {key(1, Status::Active)});
    head = store->sign_audit_head(1).value();
  }
  std::filesystem::copy_file(file, directory_.file("sallyport.db"),
                             std::filesystem::copy_options::overwrite_existing);
  auto verdict = open()->verify_audit("").value();
  EXPECT_FALSE(verdict.intact);
  EXPECT_NE(verdict.problem.find("it ends at row 1, but row 2 was signed at"), std::string::npos)
      << verdict.problem;
  // Also when the signed heads were taken away: one was kept elsewhere.
  std::filesystem::remove(directory_.file("audit.heads"));
  EXPECT_TRUE(open()->verify_audit("").value().intact);
  EXPECT_FALSE(open()->verify_audit(head).value().intact);
  EXPECT_FALSE(open()->verify_audit("head-1-2-3-4")) << "no head of ours";
}

}  // namespace
}  // namespace sallyport::storage
