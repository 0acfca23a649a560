#include <sqlite3.h>

#include "storage/migrations/migrate.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class FirstSchema : public ::testing::Test {
 protected:
  void SetUp() override { database_ = open_schema(directory_); }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(FirstSchema, HasTheTablesOfTheModel) {
  const char* const tables[] = {"account",
                                "developer",
                                "developer_account",
                                "application",
                                "plan",
                                "plan_opening",
                                "subscription",
                                "api_key",
                                "grant_",
                                "grant_role",
                                "role",
                                "role_permission",
                                "user",
                                "user_role",
                                "workspace",
                                "event",
                                "usage",
                                "audit",
                                "quota_mark",
                                "message",
                                "message_content",
                                "message_attachment",
                                "recipient",
                                "idempotency",
                                "high_water",
                                "meta",
                                "schema_migration"};
  for (const char* table : tables) {
    auto row = database_->query("SELECT strict FROM pragma_table_list WHERE name = ?", table);
    ASSERT_TRUE(row && row->step().value()) << table;
    EXPECT_EQ(row->integer(0), 1) << table << " is not strict";
  }
}

TEST_F(FirstSchema, EveryReferenceCanBeFollowedBackwardByAnIndex) {
  // Else removing a row reads the whole of each table that may refer to it. A column that is part
  // of a list in another row's keeping is looked up by that row.
  auto done = database_->each(
      "SELECT t.name, f.\"from\" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f "
      "WHERE t.schema = 'main' AND f.seq = 0",
      [&](const Statement& row) -> Result<void> {
        auto index = database_->query(
            "SELECT 1 FROM pragma_index_list(?1) l, pragma_index_info(l.name) i "
            "WHERE i.seqno = 0 AND i.name = ?2 UNION ALL "
            "SELECT 1 FROM pragma_table_info(?1) WHERE pk = 1 AND type = 'INTEGER' AND name = ?2",
            row.text(0), row.text(1));
        EXPECT_TRUE(index && index->step().value())
            << row.text(0) << "." << row.text(1) << " has no index";
        return {};
      });
  EXPECT_TRUE(done);
}

TEST_F(FirstSchema, TheLogIsWaitedForAndReferencesAreEnforced) {
  EXPECT_EQ(database_->integer("PRAGMA synchronous").value(), 2);  // FULL
  EXPECT_EQ(database_->integer("PRAGMA foreign_keys").value(), 1);
  auto mode = database_->query("PRAGMA journal_mode");
  ASSERT_TRUE(mode && mode->step().value());
  EXPECT_EQ(mode->text(0), "wal");
}

TEST_F(FirstSchema, TheHotQueriesUseTheirIndexes) {
  struct Case {
    const char* sql;
    const char* index;
  };
  const Case cases[] = {
      {"SELECT id FROM message WHERE account_id = 1 AND workspace_id = 2 AND created_us BETWEEN 3 "
       "AND 4 ORDER BY created_us DESC, id DESC LIMIT 20",
       "message_list"},
      {"SELECT id FROM message WHERE account_id = 1 AND workspace_id = 2 AND user_id = 5 AND "
       "created_us BETWEEN 3 AND 4 ORDER BY created_us DESC, id DESC LIMIT 20",
       "message_user"},
      {"SELECT id FROM message WHERE account_id = 1 AND workspace_id = 2 AND label = 'x' AND "
       "label <> '' AND created_us BETWEEN 3 AND 4 ORDER BY created_us DESC, id DESC LIMIT 20",
       "message_label"},
      {"SELECT message_id, n FROM recipient WHERE account_id = 1 AND state = 0 AND "
       "next_attempt_us <= 9 ORDER BY next_attempt_us LIMIT 5",
       "recipient_open (account_id=? AND state=? AND next_attempt_us<?)"},
      {"SELECT min(next_attempt_us) FROM recipient WHERE account_id = 1 AND state = 0 AND "
       "next_attempt_us IS NOT NULL",
       "recipient_open (account_id=? AND state=?"},
      {"SELECT account_id FROM recipient WHERE account_id >= 1 AND next_attempt_us IS NOT NULL "
       "ORDER BY account_id LIMIT 1",
       "recipient_open (account_id>?)"},
  };
  for (const auto& row : cases) {
    std::string plan;
    const std::string explain = std::string("EXPLAIN QUERY PLAN ") + row.sql;
    ASSERT_EQ(SQLITE_OK, sqlite3_exec(
                             database_->handle(), explain.c_str(),
                             [](void* out, int, char** values, char**) {
                               *static_cast<std::string*>(out) += values[3];
                               return 0;
                             },
                             &plan, nullptr));
    EXPECT_NE(plan.find(row.index), std::string::npos) << row.sql << "\n" << plan;
    EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << row.sql << "\n" << plan;
  }
}

}  // namespace
}  // namespace sallyport::storage
