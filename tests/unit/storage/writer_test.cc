#include "storage/writer.h"

#include <sqlite3.h>

#include <semaphore>
#include <thread>

#include "support/faulty_vfs.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

// An operation made of two functions.
class Made final : public Operation {
 public:
  std::function<Result<void>(Database&)> to_apply;
  std::function<void(Result<void>)> to_tell = [](Result<void>) {};
  bool looks = false;
  std::size_t size = 0;
  Result<void> apply(Database& database) override { return to_apply(database); }
  void done(Result<void> result) override { to_tell(std::move(result)); }
  bool looks_first() const override { return looks; }
  std::size_t bytes() const override { return size; }
};

class WriterTest : public ::testing::Test {
 protected:
  void start(WriterLimits limits = {}) {
    const std::string path = directory_.file("a.db");
    auto database = Database::open(path, Database::Access::ReadWrite, true, vfs_.name());
    ASSERT_TRUE(database);
    ASSERT_TRUE(
        (*database)->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                             "CREATE TABLE t (a INTEGER PRIMARY KEY)"));
    writer_ = std::make_unique<Writer>(std::move(*database), limits);
    auto reading = Database::open(path, Database::Access::ReadOnly);
    ASSERT_TRUE(reading);
    reading_ = std::move(*reading);
  }
  void TearDown() override {
    writer_.reset();
    reading_.reset();
  }
  static Result<void> add(Database& database, std::int64_t value) {
    return database.run("INSERT INTO t VALUES (?)", value);
  }
  std::int64_t count() { return reading_->integer("SELECT count(*) FROM t").value().value(); }

  // Holds the writer inside a batch of its own, so that what is submitted meanwhile is one batch.
  void hold() {
    auto gate = std::make_unique<Made>();
    gate->to_apply = [this](Database&) -> Result<void> {
      held_.release();
      go_.acquire();
      return {};
    };
    writer_->submit(Writer::Lane::Control, std::move(gate));
    held_.acquire();
  }
  void let_go() { go_.release(); }

  // Its results in the order they were told; read after settle().
  void submit(std::function<Result<void>(Database&)> apply, bool looks = false,
              Writer::Lane lane = Writer::Lane::Intake, std::size_t size = 0) {
    auto made = std::make_unique<Made>();
    made->to_apply = std::move(apply);
    made->looks = looks;
    made->size = size;
    made->to_tell = [this](Result<void> result) { results_.push_back(std::move(result)); };
    writer_->submit(lane, std::move(made));
  }
  void settle() {
    std::binary_semaphore told(0);
    auto last = std::make_unique<Made>();
    last->to_apply = [](Database&) -> Result<void> { return {}; };
    last->to_tell = [&](Result<void>) { told.release(); };
    writer_->submit(Writer::Lane::Intake, std::move(last));
    told.acquire();
  }

  Directory directory_;
  test::FaultyVfs vfs_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Database> reading_;
  std::vector<Result<void>> results_;
  std::binary_semaphore held_{0};
  std::binary_semaphore go_{0};
};

TEST_F(WriterTest, WhatRunSaysIsThereIsThere) {
  start();
  const auto before = writer_->commit_number();
  ASSERT_TRUE(writer_->run([](Database& database) { return add(database, 1); }));
  EXPECT_EQ(count(), 1);
  EXPECT_GT(writer_->commit_number(), before);
  EXPECT_TRUE(writer_->writable());
}

TEST_F(WriterTest, WhatWaitsIsCommittedTogether) {
  start();
  hold();
  for (int i = 0; i < 50; ++i) {
    submit([i](Database& database) { return add(database, i); }, true);
  }
  const int before = vfs_.syncs();
  let_go();
  settle();
  EXPECT_EQ(results_.size(), 50U);
  EXPECT_EQ(count(), 50);
  EXPECT_LE(vfs_.syncs() - before, 4) << "the gate's commit, the batch's, and settle()'s own";
}

TEST_F(WriterTest, ARefusedOperationTakesBackItsOwnAndNoOthers) {
  for (const bool looks : {false, true}) {
    const Directory fresh;
    start();
    results_.clear();
    ASSERT_TRUE(writer_->run([](Database& d) { return d.run("DELETE FROM t"); }));
    hold();
    submit([](Database& database) { return add(database, 1); }, looks);
    submit(
        [](Database& database) -> Result<void> {
          if (auto done = add(database, 2); !done) return done;
          return fail(ErrorKind::Conflict, "half way");
        },
        looks);  // with looks: it did not keep its word, and still nothing is left of it
    submit([](Database& database) { return add(database, 3); }, looks);
    let_go();
    settle();
    ASSERT_EQ(results_.size(), 3U);
    EXPECT_TRUE(results_[0]);
    ASSERT_FALSE(results_[1]);
    EXPECT_EQ(results_[1].error().message, "half way");
    EXPECT_TRUE(results_[2]);
    EXPECT_EQ(reading_->integer("SELECT sum(a) FROM t").value(), 4);
    TearDown();
    std::filesystem::remove(directory_.file("a.db"));
  }
}

TEST_F(WriterTest, ARefusedOperationThatIsAloneIsAppliedOnceAndTakenBack) {
  start();
  int applied = 0;
  const std::uint64_t before = writer_->commit_number();
  const auto refused = writer_->run([&applied](Database& database) -> Result<void> {
    ++applied;
    if (auto done = add(database, 2); !done) return done;
    return fail(ErrorKind::Conflict, "half way");
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "half way");
  EXPECT_EQ(applied, 1);
  EXPECT_EQ(count(), 0);
  EXPECT_EQ(writer_->commit_number(), before) << "nothing to see";
  EXPECT_TRUE(writer_->run([](Database& database) { return add(database, 3); }));
  EXPECT_EQ(count(), 1);
}

TEST_F(WriterTest, AFailedCommitFailsEveryOperationOfTheBatch) {
  struct Case {
    const char* sentence;
    int code;
    bool on_sync;
    ErrorKind kind;
  };
  const Case cases[] = {
      {"the disk is full", SQLITE_FULL, false, ErrorKind::Exhausted},
      {"the disk does not write", SQLITE_IOERR_WRITE, false, ErrorKind::Unavailable},
      {"the disk does not sync", SQLITE_IOERR_FSYNC, true, ErrorKind::Unavailable},
  };
  start();
  std::int64_t next = 1;
  for (const auto& row : cases) {
    const std::int64_t before = count();
    results_.clear();
    hold();
    for (int i = 0; i < 10; ++i) {
      submit([value = next++](Database& database) { return add(database, value); }, i % 2 == 0);
    }
    if (row.on_sync) {
      vfs_.fail_syncs(row.code, 0);
    } else {
      vfs_.fail_writes(row.code, 0);
    }
    let_go();
    auto during = writer_->run([&](Database& database) { return add(database, next); });
    EXPECT_FALSE(during) << row.sentence;
    settle();
    EXPECT_FALSE(writer_->writable()) << row.sentence;
    ASSERT_EQ(results_.size(), 10U) << row.sentence;
    for (const auto& result : results_) {
      ASSERT_FALSE(result) << row.sentence;
      EXPECT_EQ(result.error().kind, row.kind) << row.sentence << ": " << result.error().message;
    }
    EXPECT_EQ(count(), before) << row.sentence;

    vfs_.heal();
    ASSERT_TRUE(writer_->run([&](Database& database) { return add(database, next); }));
    EXPECT_TRUE(writer_->writable()) << row.sentence;
    EXPECT_EQ(count(), before + 1) << row.sentence;
    ++next;
  }
}

TEST_F(WriterTest, ControlGoesBeforeIntake) {
  start();
  std::vector<int> order;
  hold();
  for (int i = 0; i < 3; ++i) {
    submit([&order, i](Database&) -> Result<void> {
      order.push_back(i);
      return {};
    });
  }
  submit(
      [&order](Database&) -> Result<void> {
        order.push_back(9);
        return {};
      },
      false, Writer::Lane::Control);
  let_go();
  settle();
  EXPECT_EQ(order, (std::vector{9, 0, 1, 2}));
}

TEST_F(WriterTest, AFullQueueRefusesAtOnce) {
  start({.queue = 3, .queue_bytes = 100, .batch = 2, .batch_bytes = 100});
  hold();
  for (int i = 0; i < 4; ++i) submit([i](Database& database) { return add(database, i); });
  ASSERT_EQ(results_.size(), 1U) << "told before the writer moved";
  EXPECT_EQ(results_[0].error().kind, ErrorKind::Exhausted);
  EXPECT_EQ(writer_->queued(), 3U);
  let_go();
  ASSERT_TRUE(writer_->run([](Database&) -> Result<void> { return {}; }));
  writer_->stop();
  EXPECT_EQ(count(), 3);
}

TEST_F(WriterTest, TheQueueIsBoundedInBytesToo) {
  start({.queue = 10, .queue_bytes = 100, .batch = 10, .batch_bytes = 100});
  hold();
  submit([](Database& d) { return add(d, 1); }, true, Writer::Lane::Intake, 60);
  submit([](Database& d) { return add(d, 2); }, true, Writer::Lane::Intake, 60);
  ASSERT_EQ(results_.size(), 1U);
  EXPECT_EQ(results_[0].error().kind, ErrorKind::Exhausted);
  let_go();
  writer_->stop();
  EXPECT_EQ(count(), 1);
}

TEST_F(WriterTest, StopRunsWhatIsQueuedAndRefusesTheRest) {
  start();
  hold();
  for (int i = 0; i < 20; ++i) submit([i](Database& database) { return add(database, i); });
  let_go();
  writer_->stop();
  EXPECT_EQ(count(), 20);
  auto late = writer_->run([](Database& database) { return add(database, 99); });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(late.error().message, "the store is closing");
}

TEST_F(WriterTest, ManyThreadsSubmitAndAllAreTold) {
  start();
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::atomic<int> told = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          auto made = std::make_unique<Made>();
          made->to_apply = [value = t * kEach + i](Database& d) { return add(d, value); };
          made->looks = i % 2 == 0;
          made->to_tell = [&told](Result<void> result) { told += result ? 1 : 0; };
          writer_->submit(Writer::Lane::Intake, std::move(made));
          if (i % 100 != 0) continue;
          EXPECT_TRUE(writer_->run([](Database&) -> Result<void> { return {}; }));
        }
      });
    }
  }
  writer_->stop();
  EXPECT_EQ(told, kThreads * kEach);
  EXPECT_EQ(count(), kThreads * kEach);
}

TEST_F(WriterTest, TheLogDoesNotGrowWithoutEnd) {
  start();
  ASSERT_TRUE(writer_->run([](Database& d) { return d.execute("CREATE TABLE big (x BLOB)"); }));
  for (int i = 0; i < 60; ++i) {  // 4 MiB each
    ASSERT_TRUE(writer_->run(
        [](Database& d) { return d.run("INSERT INTO big VALUES (zeroblob(4 * 1024 * 1024))"); }));
  }
  EXPECT_LT(std::filesystem::file_size(directory_.file("a.db-wal")), 64U << 20U);
}

}  // namespace
}  // namespace sallyport::storage
