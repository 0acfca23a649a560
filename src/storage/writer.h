// The store's one writer: a thread that takes whatever is queued, runs it in one transaction and
// commits it durably, without a timer: a lone operation waits for one commit, a crowd shares it.
// Only after the commit does each operation hear its result, on the writer's thread. submit() and
// run() from any thread. When the queue is full, the operation hears Exhausted at once, on the
// caller's thread; when the commit failed, every operation of the batch hears why and nothing of
// the batch is in the store. Owned by the Store; stop() runs what is queued.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

class Operation {
 public:
  virtual ~Operation() = default;
  // Changes rows, within the batch's transaction. An error takes back what it did and leaves its
  // neighbours alone. May be called a second time, after the first was rolled back.
  virtual Result<void> apply(Database& database) = 0;
  // Once, after the commit or instead of it; then the operation is destroyed.
  virtual void done(Result<void> result) = 0;
  // True when apply() looks before it writes, so that after an error nothing has been written; it
  // then needs no savepoint.
  virtual bool looks_first() const { return false; }
  virtual std::size_t bytes() const { return 0; }  // of content, roughly
};

struct WriterLimits {
  std::size_t queue = 20'000;             // operations waiting, in each lane
  std::size_t queue_bytes = 256U << 20U;  // of their content, in each lane
  std::size_t batch = 512;                // operations in one transaction
  std::size_t batch_bytes = 32U << 20U;
};

class Writer {
 public:
  // Control is taken first: administration, quota marks, the ends of attempts. Intake is what
  // clients bring, so that a flood of it delays nothing but itself.
  enum class Lane : std::uint8_t { Control, Intake };

  explicit Writer(std::unique_ptr<Database> database, WriterLimits limits = {});
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  void submit(Lane lane, std::unique_ptr<Operation> operation);
  // Submits to Control and waits until it is durable. Not from the writer's thread.
  Result<void> run(std::function<Result<void>(Database&)> apply);
  // Runs what is queued, checkpoints, ends the thread. Later operations hear Unavailable.
  void stop();

  // Moves after each commit, before anyone hears of it.
  std::uint64_t commit_number() const { return commit_number_.load(std::memory_order_acquire); }
  bool writable() const { return writable_.load(std::memory_order_relaxed); }  // the last commit
  std::size_t queued() const;

 private:
  struct Queue {
    std::deque<std::unique_ptr<Operation>> operations;
    std::size_t bytes = 0;
  };
  struct Entry {
    std::unique_ptr<Operation> operation;
    Result<void> result;
  };
  enum class Outcome : std::uint8_t { Committed, TakenBack, Failed, NeedsSavepoints };

  void work();
  bool wait_for_work();
  void take(std::vector<Entry>& batch);
  void take_from(Queue& queue, std::vector<Entry>& batch, std::size_t& bytes);
  void write(std::vector<Entry>& batch);
  Outcome attempt(std::vector<Entry>& batch, bool savepoints, Error& error);
  Outcome apply_one(Entry& entry, bool savepoint, Error& error);
  int pages_to_copy() const { return wal_pages_ < copied_ ? wal_pages_ : wal_pages_ - copied_; }
  void checkpoint();
  void start_log_anew();

  std::unique_ptr<Database> database_;  // the writer's thread only
  const WriterLimits limits_;
  // The writer's thread only; pages of the log.
  int wal_pages_ = 0;  // after the last commit
  int copied_ = 0;     // of those, copied back by the last checkpoint
  int patience_ = 0;   // how many may be there before the log is made to start anew

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Queue queues_[2];        // under mutex_, by Lane
  bool waiting_ = false;   // under mutex_
  bool stopping_ = false;  // under mutex_

  std::atomic<std::uint64_t> commit_number_ = 1;
  std::atomic<bool> writable_ = true;
  std::thread thread_;
};

}  // namespace sallyport::storage
