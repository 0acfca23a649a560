#include "storage/store_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

#include "storage/audit_chain.h"
#include "storage/migrations/migrate.h"

namespace sallyport::storage {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::unexpected<Error> refuse(ErrorKind kind, const std::string& path, const std::string& why) {
  return fail(kind, "store " + path + ": " + why);
}

std::string octal(mode_t mode) {
  std::string text = "0000";
  for (std::size_t i = 4; i-- > 0; mode >>= 3U) text[i] = static_cast<char>('0' + (mode & 7U));
  return text;
}

Result<void> check_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) {
      return refuse(ErrorKind::NotFound, path,
                    "there is no such file (`sallyport init` makes one)");
    }
    return refuse(ErrorKind::Unavailable, path, reason(errno));
  }
  if (!S_ISREG(status.st_mode)) return refuse(ErrorKind::Invalid, path, "it is not a regular file");
  const mode_t mode = status.st_mode & 07777U;
  if ((mode & 077U) != 0) {
    return refuse(ErrorKind::Denied, path,
                  "its mode is " + octal(mode) + ", open to group or world; it must be 0600");
  }
  // The mode is looked at because root may write everything.
  if ((mode & S_IWUSR) == 0 || ::access(path.c_str(), R_OK | W_OK) != 0) {
    return refuse(ErrorKind::Denied, path, "it is not writable, its mode is " + octal(mode));
  }
  return {};
}

Result<void> configure(Database& database) {
  // FULL: a commit has reached the disk when it returns. Checkpoints are the writer's own doing.
  return database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
      "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY");
}

void remove_all(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((path + suffix).c_str());
}

Result<void> fill_new_file(const std::string& path, const Secret& audit_key) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return refuse(ErrorKind::Unavailable, path, reason(errno));
  const bool set = ::fchmod(file, 0600) == 0;
  ::close(file);
  if (!set) return refuse(ErrorKind::Unavailable, path, reason(errno));
  auto database = Database::open(path, Database::Access::ReadWrite);
  if (!database) return std::unexpected(database.error());
  if (auto done = configure(**database); !done) return done;
  if (auto done = migrate(**database); !done) return done;
  if (auto done = begin_audit(**database, audit_key); !done) return done;
  return (*database)->execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

Result<void> sync_directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return refuse(ErrorKind::Unavailable, directory, reason(errno));
  const bool synced = ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (!synced) return refuse(ErrorKind::Unavailable, directory, reason(error));
  return {};
}

}  // namespace

Result<std::unique_ptr<Database>> open_store_file(const std::string& path, const std::string& vfs) {
  if (auto checked = check_file(path); !checked) return std::unexpected(checked.error());
  auto database = Database::open(path, Database::Access::ReadWrite, false, vfs);
  Result<void> step;
  if (!database) step = std::unexpected(database.error());
  if (step && (*database)->is_read_only()) {
    step = fail(ErrorKind::Denied, "it is not writable (a read-only file system?)");
  }
  if (step) step = check_schema(**database);
  if (step) step = configure(**database);
  if (step) step = migrate(**database);
  if (!step) return refuse(step.error().kind, path, step.error().message);
  return database;
}

Result<void> create_store_file(const std::string& path, const Secret& audit_key) {
  // Made beside it and linked into place, so that a half-made store never stands under its name.
  const std::string unfinished = path + ".new";
  remove_all(unfinished);
  Result<void> done = fill_new_file(unfinished, audit_key);
  if (done && ::link(unfinished.c_str(), path.c_str()) != 0) {
    done = errno == EEXIST ? refuse(ErrorKind::Conflict, path, "there is one already")
                           : refuse(ErrorKind::Unavailable, path, reason(errno));
  }
  remove_all(unfinished);
  if (done) done = sync_directory_of(path);
  return done;
}

Result<StoreLock> StoreLock::take(const std::string& directory) {
  const std::string path = directory + "/sallyport.lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return fail(ErrorKind::Unavailable, "lock " + path + ": " + reason(errno));
  StoreLock lock(file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return fail(ErrorKind::Unavailable, "lock " + path + ": " + reason(errno));
    }
    char text[24] = {};
    const auto length = ::pread(file, text, sizeof(text) - 1, 0);
    std::string_view holder(text, length > 0 ? static_cast<std::size_t>(length) : 0);
    holder = holder.substr(0, holder.find('\n'));
    return fail(ErrorKind::Conflict,
                "the store in " + directory + " is held by " +
                    (holder.empty() ? "another process" : "process " + std::string(holder)));
  }
  const std::string holder = std::to_string(::getpid()) + "\n";
  // Only for people to read: the lock holds whatever becomes of it.
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, holder.data(), holder.size(), 0) < 0) {
    return fail(ErrorKind::Unavailable, "lock " + path + ": " + reason(errno));
  }
  return lock;
}

StoreLock::~StoreLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace sallyport::storage
