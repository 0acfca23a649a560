#include "storage/readers.h"

#include <thread>

#include "storage/writer.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class ReadersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto database = Database::open(path_, Database::Access::ReadWrite, true);
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a INTEGER)"));
    writer_ = std::make_unique<Writer>(std::move(*database));
    readers_ = std::make_unique<Readers>(path_, "", *writer_);
  }
  void add() {
    ASSERT_TRUE(
        writer_->run([](Database& database) { return database.run("INSERT INTO t VALUES (1)"); }));
  }
  std::int64_t count() {
    auto database = readers_->current();
    EXPECT_TRUE(database);
    return (*database)->integer("SELECT count(*) FROM t").value().value();
  }
  // True when nobody holds on to the log: a checkpoint that waits for nobody can clear it.
  bool log_is_free() {
    auto database = Database::open(path_, Database::Access::ReadWrite);
    EXPECT_TRUE(database);
    auto row = (*database)->query("PRAGMA wal_checkpoint(TRUNCATE)");
    (void)(*database)->execute("PRAGMA busy_timeout = 0");
    auto found = row->step();
    return found && *found && row->integer(0) == 0;
  }
  Directory directory_;
  const std::string path_ = directory_.file("a.db");
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Readers> readers_;
};

TEST_F(ReadersTest, AReadSeesWhatWasAcknowledgedBeforeIt) {
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(count(), i);
    add();
  }
}

TEST_F(ReadersTest, TheTransactionIsHeldUntilSomethingIsCommitted) {
  EXPECT_EQ(count(), 0);
  auto other = Database::open(path_, Database::Access::ReadWrite);  // not through the writer
  ASSERT_TRUE(other && (*other)->execute("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(count(), 0) << "the number has not moved, so the transaction is the same";
  add();
  EXPECT_EQ(count(), 2);
}

TEST_F(ReadersTest, EachThreadHasItsOwnConnection) {
  auto mine = readers_->current();
  ASSERT_TRUE(mine);
  EXPECT_EQ(readers_->current().value(), *mine);
  Database* theirs = nullptr;
  std::jthread([&] { theirs = readers_->current().value(); }).join();
  EXPECT_NE(theirs, nullptr);
  EXPECT_NE(theirs, *mine);
}

TEST_F(ReadersTest, CannotWrite) {
  auto database = readers_->current();
  ASSERT_TRUE(database);
  EXPECT_FALSE((*database)->run("INSERT INTO t VALUES (1)"));
}

TEST_F(ReadersTest, AnIdleThreadLetsGo) {
  add();
  EXPECT_EQ(count(), 1);
  readers_->end_idle();  // it has read since the last call: the transaction stays
  EXPECT_TRUE(readers_->current().value()->in_transaction());
  readers_->end_idle();
  Database* database = readers_->current().value();
  readers_->end_idle();
  readers_->end_idle();
  EXPECT_FALSE(database->in_transaction());
  EXPECT_TRUE(log_is_free());
  EXPECT_EQ(count(), 1);
}

TEST_F(ReadersTest, AThreadThatEndsLetsGo) {
  add();
  std::jthread([&] { EXPECT_EQ(count(), 1); }).join();
  EXPECT_TRUE(log_is_free());
}

TEST_F(ReadersTest, AThreadMayOutliveTheReadersAndMeetOthers) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(count(), i);
    add();
    readers_ = std::make_unique<Readers>(path_, "", *writer_);
  }
  EXPECT_EQ(count(), 3);
}

TEST_F(ReadersTest, ReadersAreNeverBehindWhileOthersWrite) {
  constexpr int kWrites = 200;
  std::atomic<int> acknowledged = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (true) {
        const int before = acknowledged.load();
        const auto seen = count();
        EXPECT_GE(seen, before);
        if (before == kWrites) return;
      }
    });
  }
  for (int i = 0; i < kWrites; ++i) {
    add();
    ++acknowledged;
  }
}

TEST_F(ReadersTest, SaysSoWhenTheFileCannotBeOpened) {
  Readers broken(directory_.file("none.db"), "", *writer_);
  auto database = broken.current();
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace sallyport::storage
