// A copy of the store while it is in use, and such a copy put in its place. Blocking; for the
// command line's one thread. What goes wrong is an Error that names the file; then nothing has
// changed.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sallyport::storage {

struct BackupReport {
  std::int64_t bytes = 0;
  std::int64_t audit_rows = 0;
};
// The store as it is at one moment, into a new file of mode 0600 that is checked before it gets its
// name. A server may run. Conflict: there is such a file.
Result<BackupReport> backup_store(const std::string& directory, const std::string& file);

struct RestoreReport {
  std::int64_t ended = 0;  // keys, users and grants that live in the backup and had ended since
  std::int64_t users = 0;  // whose tokens and proofs end
  std::int64_t audit_rows = 0;
  std::string kept;  // where the store that was there is now
};
// For whoever holds the StoreLock. Puts a backup in the store's place: with everything ended that
// revocations.log or the present store says has ended, every user's security version raised above
// any that was ever given out, and quotas as far used as in the present store. The store that was
// there stays beside it. Refused: a file that is no store, is damaged, is newer, or whose audit log
// was not written with this key.
Result<RestoreReport> restore_store(const std::string& directory, const std::string& file,
                                    const Secret& audit_key, const std::string& actor);

}  // namespace sallyport::storage
