// DIR/revocations.log: what was ended for good, outside the store, so that no backup and no
// document brings it back: revoked keys, deleted users, revoked grants, a line each, only ever
// appended. Read when the store is opened and compared with it in both directions. Called by the
// Store on the control thread; a file that is there and cannot be understood is an Error: nobody
// guesses.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "base/entities.h"
#include "base/result.h"
#include "storage/append_file.h"
#include "storage/database.h"

namespace sallyport::storage {

class RevocationLog {
 public:
  explicit RevocationLog(std::string path) : file_(std::move(path)) {}

  Result<void> read();
  // Why a change would bring something back, or nothing.
  Result<void> check(const Change& change) const;
  // Notes what a change ends; nothing when it ends nothing.
  Result<void> note(const Change& change, std::int64_t now_us);

  // What is noted and lives on in the store ends there, too; the number of those. In a transaction.
  Result<std::int64_t> end_in(Database& database) const;
  // What has ended in the store and is not noted. Reads.
  Result<void> note_all_of(Database& database, std::int64_t now_us);

 private:
  enum class Kind : std::uint8_t { Key, User, Grant };
  struct Entry {
    Kind kind = Kind::Key;
    std::uint64_t id = 0;
    std::string digest;  // of a key: 32 bytes
  };

  static std::vector<Entry> ended_by(const Change& change);
  static bool parse(std::string_view line, Entry& entry);
  static std::string line_of(const Entry& entry, std::int64_t now_us);
  bool knows(const Entry& entry) const;
  void remember(const Entry& entry);
  Result<void> append(const std::vector<Entry>& entries, std::int64_t now_us);

  AppendFile file_;
  std::vector<Entry> entries_;
  std::unordered_set<std::uint64_t> ids_[3];  // by Kind
  std::unordered_set<std::string> digests_;
};

}  // namespace sallyport::storage
