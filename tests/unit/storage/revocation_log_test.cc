#include "storage/revocation_log.h"

#include <fstream>

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

ApiKey key(std::uint64_t id, Status status, std::uint8_t digest) {
  ApiKey made{.id = KeyId{id}, .subscription = kSubscription, .status = status};
  made.digest.fill(digest);
  return made;
}
Change put(std::vector<Entity> entities) {
  Change change;
  change.put = std::move(entities);
  change.audit = {.time_us = 1'790'000'000'000'000, .action = "test"};
  return change;
}

TEST(RevocationLog, WhatEndedNeverComesBack) {
  const Directory directory;
  RevocationLog log(directory.file("revocations.log"));
  ASSERT_TRUE(log.read()) << "there is no file yet";
  ASSERT_TRUE(log.note(put({key(1, Status::Revoked, 1), key(2, Status::Active, 2)}), 1));
  Change removal;
  removal.remove = {Entity(key(3, Status::Active, 3))};
  ASSERT_TRUE(log.note(removal, 1));
  ASSERT_TRUE(log.note(put({User{.id = UserId{7}, .status = Status::Deleted},
                            Grant{.id = GrantId{8}, .status = Status::Revoked}}),
                       1));
  RevocationLog again(directory.file("revocations.log"));
  ASSERT_TRUE(again.read());
  const struct {
    Entity entity;
    const char* error;
    const char* why;
  } rows[] = {
      {key(1, Status::Active, 9), "key 0000000000000001 was revoked, and that is final", "its id"},
      {key(9, Status::Active, 1), "key 0000000000000009 was revoked, and that is final",
       "its digest under another id"},
      {key(3, Status::Disabled, 3), "key 0000000000000003 was revoked, and that is final",
       "a key that was deleted"},
      {User{.id = UserId{7}}, "user 0000000000000007 was deleted, and that is final", "a user"},
      {Grant{.id = GrantId{8}}, "grant 0000000000000008 was revoked, and that is final", "a grant"},
      {key(1, Status::Revoked, 1), "", "what is ended may be written"},
      {key(2, Status::Active, 2), "", "what never ended"},
      {User{.id = UserId{1}}, "", "an id of another kind"},
  };
  for (const auto& row : rows) {
    const auto checked = again.check(put({row.entity}));
    EXPECT_EQ(checked ? "" : checked.error().message, row.error) << row.why;
  }
}

TEST(RevocationLog, AForeignLineIsRefusedWithItsPlace) {
  const Directory directory;
  for (const char* line : {"x", "a b c d", "2026-01-01T00:00:00Z key 12 -",
                           "2026-01-01T00:00:00Z door "
                           "0000000000000001 -",
                           "2026-01-01T00:00:00Z key 0000000000000001 00"}) {
    std::ofstream(directory.file("revocations.log")) << line << "\n";
    RevocationLog log(directory.file("revocations.log"));
    const auto read = log.read();
    ASSERT_FALSE(read) << line;
    EXPECT_NE(read.error().message.find("revocations.log:1: not a line"), std::string::npos);
  }
}

StoreOptions options_with_logs(const Directory& directory) {
  return store_options(directory.path(), audit_key());
}

TEST(RevocationLog, IsComparedWithTheStoreAtEachOpening) {
  const Directory directory;
  {
    auto store = make_store(directory);
    ASSERT_TRUE(store->apply(put({key(1, Status::Revoked, 1), key(2, Status::Active, 2)})));
  }
  ASSERT_TRUE(Store::open(options_with_logs(directory)));
  RevocationLog log(directory.file("revocations.log"));
  ASSERT_TRUE(log.read());
  EXPECT_FALSE(log.check(put({key(1, Status::Active, 1)}))) << "noted, for it was revoked before";
  ASSERT_TRUE(log.note(put({key(2, Status::Revoked, 2)}), 1)) << "as if the store had been away";
  auto store = Store::open(options_with_logs(directory));
  ASSERT_TRUE(store);
  const auto keys = (*store)->load().value().keys;
  EXPECT_EQ(keys.at(1).status, Status::Revoked) << "and so it is revoked at the next start";
  EXPECT_EQ((*store)->audit_rows(1).value().at(0).entry.action, "store.revocations");
  EXPECT_TRUE((*store)->verify_audit("").value().intact);
  const auto back = (*store)->apply(put({key(2, Status::Active, 2)}));
  ASSERT_FALSE(back);
  EXPECT_EQ(back.error().kind, ErrorKind::Conflict);
}

}  // namespace
}  // namespace sallyport::storage
