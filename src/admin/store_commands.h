// `sallyport backup FILE` and `sallyport restore FILE`: the store as a file, beside a running
// server or without one, and back, only without one. What knows the store comes from main, because
// admin may not. The command line's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "admin/command.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::admin {

struct BackupResult {
  std::int64_t bytes = 0;
  std::int64_t audit_rows = 0;
};
struct RestoreResult {
  std::int64_t ended = 0;
  std::int64_t users = 0;
  std::int64_t audit_rows = 0;
  std::string kept;
};

struct StoreFiles {
  std::function<Result<BackupResult>(const std::string& directory, const std::string& file)> backup;
  // Conflict: a server holds the store.
  std::function<Result<RestoreResult>(const std::string& directory, const std::string& file,
                                      const Secret& audit_key, const std::string& actor)>
      restore;
};

CommandReply backup(const std::string& directory, const std::string& file, const StoreFiles& files);
CommandReply restore(const std::string& directory, const std::string& file,
                     const StoreFiles& files);

}  // namespace sallyport::admin
