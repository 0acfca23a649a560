// Read-only connections, one per reading thread, each with a read transaction that stays open until
// the writer has committed something: a point read inside it costs a fraction of one that begins
// its own. Every read sees all that was acknowledged before it began. A held transaction keeps the
// write-ahead log from being cleared, so a thread calls end_idle() from its tick. Any thread; all
// reading must have ended when this is destroyed. A connection is closed when its thread ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace sallyport::storage {

class Writer;

class Readers {
 public:
  Readers(std::string path, std::string vfs, const Writer& writer);
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers();

  // The calling thread's connection, inside a transaction as new as this call.
  Result<Database*> current();
  // Ends the calling thread's transaction if nothing was read since the last call.
  void end_idle();

 private:
  struct Reader;
  struct ThreadReaders;
  static ThreadReaders& of_this_thread();
  Reader* find();
  Result<Reader*> add();

  const std::string path_;
  const std::string vfs_;
  const Writer& writer_;
  const std::uint64_t identity_;  // never used twice in a process, as an address may be
  std::mutex mutex_;
  std::vector<std::weak_ptr<Reader>> readers_;  // under mutex_
};

}  // namespace sallyport::storage
