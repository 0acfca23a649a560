#include "storage/database.h"

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::open(directory_.file("a.db"), Database::Access::ReadWrite, true);
    ASSERT_TRUE(opened);
    database_ = std::move(*opened);
    ASSERT_TRUE(database_->execute("CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c BLOB) STRICT"));
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, KeepsNumbersTextAndBytesAsTheyAre) {
  const std::string text("with \0 in it", 12);
  const std::string bytes("\xFF\0\x01", 3);
  ASSERT_TRUE(
      database_->run("INSERT INTO t VALUES (?, ?, ?)", std::uint64_t{1} << 63U, text, Blob{bytes}));
  auto row = database_->query("SELECT a, b, c FROM t");
  ASSERT_TRUE(row);
  ASSERT_TRUE(row->step().value());
  EXPECT_EQ(row->bits(0), std::uint64_t{1} << 63U);
  EXPECT_EQ(row->text(1), text);
  EXPECT_EQ(row->blob(2), bytes);
  EXPECT_FALSE(row->step().value());
}

TEST_F(DatabaseTest, TellsEmptyFromNull) {
  ASSERT_TRUE(
      database_->run("INSERT INTO t VALUES (?, ?, ?)", std::optional<std::int64_t>(), "", Blob{}));
  auto row = database_->query("SELECT a, b, c FROM t");
  ASSERT_TRUE(row && row->step().value());
  EXPECT_TRUE(row->is_null(0));
  EXPECT_FALSE(row->is_null(1));
  EXPECT_FALSE(row->is_null(2));
}

TEST_F(DatabaseTest, UsesAPreparedStatementAgainWithNewValues) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(database_->run("INSERT INTO t (a) VALUES (?)", i));
  EXPECT_EQ(database_->integer("SELECT sum(a) FROM t").value(), 3);
}

TEST_F(DatabaseTest, ABrokenConstraintIsAConflict) {
  ASSERT_TRUE(database_->run("INSERT INTO t (a) VALUES (1)"));
  auto again = database_->run("INSERT INTO t (a) VALUES (1)");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  EXPECT_NE(again.error().message.find("t.a"), std::string::npos) << again.error().message;
}

TEST_F(DatabaseTest, AParameterThatIsNotThereIsAnError) {
  auto done = database_->run("INSERT INTO t (a) VALUES (?)", 1, 2);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::Internal);
}

TEST_F(DatabaseTest, EachStopsAtTheFirstErrorOfItsReader) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(database_->run("INSERT INTO t (a) VALUES (?)", i));
  int seen = 0;
  auto done = database_->each("SELECT a FROM t", [&](const Statement&) -> Result<void> {
    if (++seen == 2) return fail(ErrorKind::Internal, "enough");
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(seen, 2);
  EXPECT_TRUE(database_->run("DELETE FROM t"));  // nothing is left open
}

TEST(DatabaseOpen, NeverMakesAFileUnasked) {
  const Directory directory;
  auto opened = Database::open(directory.file("none.db"), Database::Access::ReadWrite);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::Unavailable);
  EXPECT_FALSE(std::filesystem::exists(directory.file("none.db")));
}

TEST_F(DatabaseTest, AReadOnlyConnectionRefusesToWrite) {
  auto reading = Database::open(directory_.file("a.db"), Database::Access::ReadOnly);
  ASSERT_TRUE(reading);
  EXPECT_TRUE((*reading)->is_read_only());
  auto done = (*reading)->run("INSERT INTO t (a) VALUES (1)");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace sallyport::storage
