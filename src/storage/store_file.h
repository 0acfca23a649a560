// The files of a data directory that belong to the store: `sallyport.db`, which is checked before
// it is opened and made whole or not at all, and `sallyport.lock`, which says who may write it: a
// server, or a command that works in process. Called at start, from one thread. What is refused is
// refused with the reason and the file's name.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/secret.h"
#include "storage/database.h"

namespace sallyport::storage {

// The file must be there, regular, writable by its owner and closed to everybody else (0600), a
// Sallyport store, and not newer than this binary. Brings it to the newest schema.
Result<std::unique_ptr<Database>> open_store_file(const std::string& path, const std::string& vfs);

// Makes a new file of mode 0600 with the newest schema and an audit log that begins with this key;
// Conflict when there is one.
Result<void> create_store_file(const std::string& path, const Secret& audit_key);

// Held by whoever writes the store of a directory, until it goes. The kernel drops it when the
// process ends, however it ends.
class StoreLock {
 public:
  // Conflict when another process holds it; the message names that process.
  static Result<StoreLock> take(const std::string& directory);
  StoreLock(StoreLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  StoreLock& operator=(StoreLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~StoreLock();

 private:
  explicit StoreLock(int file) : file_(file) {}
  int file_;
};

}  // namespace sallyport::storage
