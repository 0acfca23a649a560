#include "storage/readers.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "storage/writer.h"

namespace sallyport::storage {

struct Readers::Reader {
  std::uint64_t owner = 0;
  std::uint64_t seen = 0;  // the writer's number when the transaction began; 0 = none is held
  bool used = false;       // since the last end_idle()

  // Closed by the thread's end or by the owner's, whichever is first.
  std::mutex closing;
  std::unique_ptr<Database> database;

  void end() {
    if (seen == 0) return;
    seen = 0;
    if (!database->in_transaction()) return;
    if (auto ended = database->run("ROLLBACK"); !ended) log::error(ended.error().message);
  }
  void close() {
    const std::lock_guard lock(closing);
    database.reset();
  }
  bool is_closed() {
    const std::lock_guard lock(closing);
    return database == nullptr;
  }
};

struct Readers::ThreadReaders {
  std::vector<std::shared_ptr<Reader>> readers;  // the only lasting owner of each
};

namespace {
std::atomic<std::uint64_t> next_identity = 1;
}  // namespace

Readers::Readers(std::string path, std::string vfs, const Writer& writer)
    : path_(std::move(path)),
      vfs_(std::move(vfs)),
      writer_(writer),
      identity_(next_identity.fetch_add(1)) {}

Readers::~Readers() {
  const std::lock_guard lock(mutex_);
  for (const auto& weak : readers_) {
    if (const auto reader = weak.lock()) reader->close();
  }
}

Readers::ThreadReaders& Readers::of_this_thread() {
  thread_local ThreadReaders readers;
  return readers;
}

Readers::Reader* Readers::find() {
  for (const auto& reader : of_this_thread().readers) {
    if (reader->owner == identity_) return reader.get();
  }
  return nullptr;
}

Result<Readers::Reader*> Readers::add() {
  auto database = Database::open(path_, Database::Access::ReadOnly, false, vfs_);
  if (!database) return std::unexpected(database.error());
  auto configured = (*database)->execute(
      "PRAGMA query_only = ON; PRAGMA cache_size = -8192; "
      "PRAGMA temp_store = MEMORY");
  if (!configured) return std::unexpected(configured.error());
  auto reader = std::make_shared<Reader>();
  reader->owner = identity_;
  reader->database = std::move(*database);
  auto& mine = of_this_thread().readers;
  std::erase_if(mine, [](const auto& other) { return other->is_closed(); });
  mine.push_back(reader);
  const std::lock_guard lock(mutex_);
  std::erase_if(readers_, [](const auto& weak) { return weak.expired(); });
  readers_.push_back(reader);
  return reader.get();
}

Result<Database*> Readers::current() {
  Reader* reader = find();
  if (reader == nullptr) {
    auto added = add();
    if (!added) return std::unexpected(added.error());
    reader = *added;
  }
  reader->used = true;
  // The number first, the transaction's first read later: never older than the number says.
  const std::uint64_t number = writer_.commit_number();
  if (reader->seen != number || !reader->database->in_transaction()) {
    reader->end();
    if (auto begun = reader->database->run("BEGIN"); !begun) return std::unexpected(begun.error());
    reader->seen = number;
  }
  return reader->database.get();
}

void Readers::end_idle() {
  Reader* reader = find();
  if (reader == nullptr) return;
  if (!reader->used) reader->end();
  reader->used = false;
}

}  // namespace sallyport::storage
