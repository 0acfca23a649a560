#include "storage/audit_chain.h"

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class AuditChain : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    for (int i = 1; i <= 5; ++i) ASSERT_TRUE(append(i));
  }
  Result<void> append(int i) {
    return append_audit(*database_, key_,
                        {.time_us = i,
                         .actor = "uid 0",
                         .action = "key.revoke",
                         .subject = "key " + std::to_string(i),
                         .json = "{}"});
  }
  auth::AuditVerdict verdict() {
    auto verified = verify_audit_chain(*database_, key_);
    EXPECT_TRUE(verified);
    return verified.value_or(auth::AuditVerdict{});
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
  const Secret key_ = audit_key();
};

TEST_F(AuditChain, IsIntactAsWritten) {
  const auto found = verdict();
  EXPECT_TRUE(found.intact);
  EXPECT_EQ(found.rows, 5);
  EXPECT_EQ(found.first_bad, 0);
  auto rows = read_audit(*database_, 2);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(rows->front().sequence, 5);
  EXPECT_EQ(rows->front().entry.subject, "key 5");
  EXPECT_EQ(rows->front().entry.actor, "uid 0");
  EXPECT_EQ(rows->front().mac_hex, found.head_hex);
}

TEST_F(AuditChain, AnEmptyOneIsIntact) {
  const Directory other;
  auto database = open_schema(other);
  auto found = verify_audit_chain(*database, key_);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->intact);
  EXPECT_EQ(found->rows, 0);
}

struct Tampering {
  const char* sentence;
  const char* script;
  std::int64_t first_bad;
};

TEST_F(AuditChain, ShowsWhatWasDoneToIt) {
  const Tampering cases[] = {
      {"a changed actor", "UPDATE audit SET actor = 'uid 1' WHERE sequence = 3", 3},
      {"a changed time", "UPDATE audit SET time_us = 9 WHERE sequence = 1", 1},
      {"a byte moved from one field to the next",
       "UPDATE audit SET actor = 'uid', action = ' 0key.revoke' WHERE sequence = 2", 2},
      {"a row taken out of the middle", "DELETE FROM audit WHERE sequence = 3", 3},
      {"a row taken out and the rest renumbered",
       "DELETE FROM audit WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = 4; "
       "UPDATE audit SET sequence = 4 WHERE sequence = 5",
       3},
      {"the first row gone", "DELETE FROM audit WHERE sequence = 1", 1},
      {"the last rows cut off", "DELETE FROM audit WHERE sequence > 3", 4},
      {"all rows gone", "DELETE FROM audit", 1},
      {"all rows and the head gone", "DELETE FROM audit; DELETE FROM meta", 1},
      {"the head made up",
       "DELETE FROM audit WHERE sequence = 5; UPDATE meta SET value = CAST("
       "x'0400000000000000' || (SELECT mac FROM audit WHERE sequence = 4) || zeroblob(32) AS BLOB)",
       5},
      {"a row added without the key",
       "INSERT INTO audit SELECT 6, time_us, actor, action, subject, json, zeroblob(32) FROM audit "
       "WHERE sequence = 5",
       6},
  };
  for (const auto& row : cases) {
    ASSERT_TRUE(database_->execute("SAVEPOINT before"));
    ASSERT_TRUE(database_->execute(row.script)) << row.sentence;
    const auto found = verdict();
    EXPECT_FALSE(found.intact) << row.sentence;
    EXPECT_EQ(found.first_bad, row.first_bad) << row.sentence;
    ASSERT_TRUE(database_->execute("ROLLBACK TO before; RELEASE before"));
  }
  EXPECT_TRUE(verdict().intact);
}

TEST_F(AuditChain, DoesNotGoOnFromACutOffEnd) {
  // Else the next signature would cover up what is missing.
  ASSERT_TRUE(database_->execute("DELETE FROM audit WHERE sequence = 5"));
  auto done = append(6);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(verdict().first_bad, 5);
}

TEST_F(AuditChain, ARowOfAnotherHistoryDoesNotFitIn) {
  // Rows and head that were all written with the key, put together from two branches of one log:
  // someone went back to an old copy of the store, did something else, and moved that row over.
  const Directory other;
  auto branch = open_schema(other);
  for (const int i : {1, 2, 3}) {
    ASSERT_TRUE(append_audit(*branch, key_,
                             {.time_us = i,
                              .actor = "uid 0",
                              .action = "key.revoke",
                              .subject = i < 3 ? "key " + std::to_string(i) : "key of a friend",
                              .json = "{}"}));
  }
  branch.reset();
  ASSERT_TRUE(database_->execute("ATTACH '" + other.file("sallyport.db") +
                                 "' AS branch; DELETE FROM audit WHERE sequence = 3; INSERT INTO "
                                 "audit SELECT * FROM branch.audit WHERE sequence = 3"));
  const auto found = verdict();
  EXPECT_FALSE(found.intact);
  EXPECT_EQ(found.first_bad, 4);
}

TEST_F(AuditChain, AnotherKeyNeitherVerifiesNorGoesOn) {
  const Secret other(std::string(32, 'x'));
  auto found = verify_audit_chain(*database_, other);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->first_bad, 1);
  EXPECT_FALSE(append_audit(*database_, other, {}));
}

}  // namespace
}  // namespace sallyport::storage
