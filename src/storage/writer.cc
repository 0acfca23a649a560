#include "storage/writer.h"

#include <sqlite3.h>

#include <chrono>
#include <semaphore>
#include <string>
#include <utility>

#include "base/log.h"

namespace sallyport::storage {
namespace {

// Pages of 4 KiB. The log is copied back in a lull, under load whenever 16 MiB have been added;
// past 64 MiB it is made to start anew, which waits a moment for readers.
constexpr auto kLull = std::chrono::milliseconds(500);
constexpr int kCopyPages = 4000;
constexpr int kAnewPages = 16'000;
constexpr int kAnewWaitMs = 10;
constexpr int kBusyTimeoutMs = 5000;

int on_wal(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

class Awaited final : public Operation {
 public:
  Awaited(std::function<Result<void>(Database&)>& apply, Result<void>& result,
          std::binary_semaphore& ended)
      : apply_(apply), result_(result), ended_(ended) {}
  Result<void> apply(Database& database) override { return apply_(database); }
  void done(Result<void> result) override {
    result_ = std::move(result);
    ended_.release();
  }

 private:
  std::function<Result<void>(Database&)>& apply_;
  Result<void>& result_;
  std::binary_semaphore& ended_;
};

}  // namespace

Writer::Writer(std::unique_ptr<Database> database, WriterLimits limits)
    : database_(std::move(database)), limits_(limits), patience_(kAnewPages) {
  sqlite3_wal_hook(database_->handle(), on_wal, &wal_pages_);  // in place of automatic checkpoints
  thread_ = std::thread([this] { work(); });
}

Writer::~Writer() { stop(); }

void Writer::submit(Lane lane, std::unique_ptr<Operation> operation) {
  Error refusal;
  {
    const std::lock_guard lock(mutex_);
    Queue& queue = queues_[static_cast<std::size_t>(lane)];
    const std::size_t bytes = operation->bytes();
    if (stopping_) {
      refusal = {ErrorKind::Unavailable, "the store is closing"};
    } else if (queue.operations.size() >= limits_.queue ||
               queue.bytes + bytes > limits_.queue_bytes) {
      refusal = {ErrorKind::Exhausted, "the store's queue is full"};
    } else {
      queue.operations.push_back(std::move(operation));
      queue.bytes += bytes;
      if (waiting_) wake_.notify_one();
      return;
    }
  }
  operation->done(std::unexpected(std::move(refusal)));
}

Result<void> Writer::run(std::function<Result<void>(Database&)> apply) {
  SALLYPORT_CHECK(std::this_thread::get_id() != thread_.get_id());
  Result<void> result;
  std::binary_semaphore ended(0);
  submit(Lane::Control, std::make_unique<Awaited>(apply, result, ended));
  ended.acquire();
  return result;
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::size_t Writer::queued() const {
  const std::lock_guard lock(mutex_);
  return queues_[0].operations.size() + queues_[1].operations.size();
}

void Writer::work() {
  std::vector<Entry> batch;
  batch.reserve(limits_.batch);
  while (wait_for_work()) {
    take(batch);
    write(batch);
    for (Entry& entry : batch) entry.operation->done(std::move(entry.result));
    batch.clear();
    if (pages_to_copy() >= kCopyPages) checkpoint();
  }
  checkpoint();
}

// False when stopping and nothing is left.
bool Writer::wait_for_work() {
  const auto ready = [this] {
    return stopping_ || !queues_[0].operations.empty() || !queues_[1].operations.empty();
  };
  std::unique_lock lock(mutex_);
  waiting_ = true;
  if (pages_to_copy() > 0 && !wake_.wait_for(lock, kLull, ready)) {
    lock.unlock();
    checkpoint();
    lock.lock();
  }
  wake_.wait(lock, ready);
  waiting_ = false;
  return !queues_[0].operations.empty() || !queues_[1].operations.empty();
}

void Writer::take(std::vector<Entry>& batch) {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (Queue& queue : queues_) take_from(queue, batch, bytes);
}

void Writer::take_from(Queue& queue, std::vector<Entry>& batch, std::size_t& bytes) {
  while (!queue.operations.empty() && batch.size() < limits_.batch) {
    const std::size_t next = queue.operations.front()->bytes();
    if (!batch.empty() && bytes + next > limits_.batch_bytes) return;
    bytes += next;
    queue.bytes -= next;
    batch.push_back({std::move(queue.operations.front()), {}});
    queue.operations.pop_front();
  }
}

void Writer::write(std::vector<Entry>& batch) {
  Error error;
  const std::int64_t before = database_->total_changes();
  Outcome outcome = attempt(batch, false, error);
  if (outcome == Outcome::NeedsSavepoints) outcome = attempt(batch, true, error);
  if (outcome == Outcome::TakenBack) return;
  if (outcome == Outcome::Committed) {
    if (database_->total_changes() == before) return;  // nothing to see, nothing proved
    if (!writable_.exchange(true)) log::info("the store can be written again");
    commit_number_.fetch_add(1, std::memory_order_release);
    return;
  }
  for (Entry& entry : batch) entry.result = std::unexpected(error);
  if (writable_.exchange(false)) log::error("the store cannot be written: " + error.message);
}

// One that is alone is taken back with its transaction. A savepoint would cost a large one dearly:
// SQLite walks all that is kept for its rollback at the end of each statement.
Writer::Outcome Writer::attempt(std::vector<Entry>& batch, bool savepoints, Error& error) {
  Outcome outcome = Outcome::Committed;
  const bool alone = batch.size() == 1;
  auto step = database_->run("BEGIN IMMEDIATE");
  for (auto entry = batch.begin(); step && entry != batch.end(); ++entry) {
    const bool looks_first = entry->operation->looks_first();
    outcome = apply_one(*entry, savepoints || (!alone && !looks_first), error);
    if (alone && outcome == Outcome::NeedsSavepoints) outcome = Outcome::TakenBack;
    if (outcome != Outcome::Committed) break;
  }
  if (step && outcome == Outcome::Committed) step = database_->run("COMMIT");
  if (!step) {
    error = step.error();
    outcome = Outcome::Failed;
  }
  if (database_->in_transaction()) {
    // Left open by a failure. If even this fails, the next BEGIN says so.
    if (auto back = database_->run("ROLLBACK"); !back) log::error(back.error().message);
  }
  return outcome;
}

Writer::Outcome Writer::apply_one(Entry& entry, bool savepoint, Error& error) {
  const std::int64_t before = database_->total_changes();
  Result<void> step;
  if (savepoint) step = database_->run("SAVEPOINT operation");
  if (step) {
    entry.result = entry.operation->apply(*database_);
    if (!entry.result && database_->in_transaction()) {
      if (!savepoint && database_->total_changes() != before) return Outcome::NeedsSavepoints;
      if (savepoint) step = database_->run("ROLLBACK TO operation");
    }
    if (!database_->in_transaction()) {
      // The engine has rolled the whole batch back: a full disk, a failed read or write.
      error = entry.result ? Error{ErrorKind::Internal, "a stray end of the transaction"}
                           : entry.result.error();
      return Outcome::Failed;
    }
    if (step && savepoint) step = database_->run("RELEASE operation");
  }
  if (step) return Outcome::Committed;
  error = step.error();
  return Outcome::Failed;
}

void Writer::checkpoint() {
  int in_log = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_->handle(), "main", SQLITE_CHECKPOINT_PASSIVE,
                                             &in_log, &copied);
  // Busy: a reader holds on to an old state. What could be copied has been.
  if (code != SQLITE_OK && code != SQLITE_BUSY) {
    log::error("checkpoint: " + database_->error(code).message);
  }
  copied_ = wal_pages_;  // the next try comes after as many new pages, whatever became of this one
  if (code != SQLITE_OK || in_log != copied) return;
  // All is copied back. The next commit starts the log anew if no reader holds on to it; readers
  // renew when they see the number move.
  commit_number_.fetch_add(1, std::memory_order_release);
  if (wal_pages_ >= patience_) start_log_anew();
}

void Writer::start_log_anew() {
  sqlite3* handle = database_->handle();
  sqlite3_busy_timeout(handle, kAnewWaitMs);
  const int code =
      sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  patience_ = code == SQLITE_OK ? kAnewPages : wal_pages_ + kCopyPages;
}

}  // namespace sallyport::storage
