#include "storage/migrations/migrate.h"

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

std::unique_ptr<Database> empty_file(const Directory& directory) {
  auto database = Database::open(directory.file("a.db"), Database::Access::ReadWrite, true);
  EXPECT_TRUE(database);
  return std::move(*database);
}

TEST(Migrate, NumbersAscendWithoutAGap) {
  std::int32_t expected = 1;
  for (const auto& migration : migrations()) EXPECT_EQ(migration.number, expected++);
  EXPECT_EQ(newest_schema(), expected - 1);
}

TEST(Migrate, BringsAnEmptyFileToTheNewestSchemaAndRecordsIt) {
  const Directory directory;
  auto database = empty_file(directory);
  ASSERT_TRUE(migrate(*database));
  EXPECT_EQ(database->integer("PRAGMA user_version").value(), newest_schema());
  EXPECT_EQ(database->integer("PRAGMA application_id").value(), kApplicationId);
  EXPECT_EQ(database->integer("SELECT max(number) FROM schema_migration").value(), newest_schema());
  EXPECT_TRUE(check_schema(*database));
}

TEST(Migrate, DoesNothingTheSecondTime) {
  const Directory directory;
  auto database = empty_file(directory);
  ASSERT_TRUE(migrate(*database));
  const auto before = database->total_changes();
  ASSERT_TRUE(migrate(*database));
  EXPECT_EQ(database->total_changes(), before);
}

TEST(Migrate, AStepThatFailsLeavesNothingBehind) {
  const Directory directory;
  auto database = empty_file(directory);
  ASSERT_TRUE(database->execute("CREATE TABLE recipient (x)"));  // stands in the way, late
  auto done = migrate(*database);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("migration 1 (first)"), std::string::npos);
  EXPECT_EQ(database->integer("PRAGMA user_version").value(), 0);
  EXPECT_EQ(database->integer("SELECT count(*) FROM sqlite_schema").value(), 1);
  EXPECT_FALSE(database->in_transaction());
}

TEST(CheckSchema, RefusesANewerOneAndNamesBothNumbers) {
  const Directory directory;
  auto database = empty_file(directory);
  ASSERT_TRUE(migrate(*database));
  ASSERT_TRUE(database->execute("PRAGMA user_version = 4711"));
  auto done = check_schema(*database);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::Unsupported);
  EXPECT_EQ(done.error().message,
            "its schema is number 4711, written by a newer Sallyport; this one knows schemas up to "
            "number " +
                std::to_string(newest_schema()));
}

TEST(CheckSchema, RefusesSomebodyElsesDatabase) {
  const Directory directory;
  auto database = empty_file(directory);
  ASSERT_TRUE(database->execute("CREATE TABLE account (id)"));
  auto done = check_schema(*database);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "it is not a Sallyport store");
}

}  // namespace
}  // namespace sallyport::storage
