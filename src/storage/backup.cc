#include "storage/backup.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "limit/quota_store.h"
#include "storage/audit_chain.h"
#include "storage/audit_heads.h"
#include "storage/migrations/migrate.h"
#include "storage/quota_rows.h"
#include "storage/revocation_log.h"
#include "storage/store_file.h"

namespace sallyport::storage {
namespace {

using Access = Database::Access;

constexpr std::int64_t kMillisecond_us = 1'000;

std::unexpected<Error> failed(const std::string& path) {
  return fail(ErrorKind::Unavailable, path + ": " + std::generic_category().message(errno));
}

std::unexpected<Error> about(const std::string& path, const Error& error) {
  return fail(error.kind, path + ": " + error.message);
}

void remove_files(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((path + suffix).c_str());
}

Result<void> sync(const std::string& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (*file < 0 || ::fsync(*file) != 0) return failed(path);
  return {};
}

Result<void> sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return sync(slash == std::string::npos ? "." : path.substr(0, slash + 1), O_RDONLY | O_DIRECTORY);
}

// An empty file that nobody else can open.
Result<void> make_file(const std::string& path) {
  remove_files(path);
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (*file < 0 || ::fchmod(*file, 0600) != 0) return failed(path);
  return {};
}

// In one read transaction, so it is one moment's state, whatever is committed meanwhile.
Result<void> copy(Database& from, Database& to) {
  sqlite3_backup* backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) return std::unexpected(to.error(sqlite3_errcode(to.handle())));
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) return std::unexpected(from.error(stepped));
  if (finished != SQLITE_OK) return std::unexpected(to.error(finished));
  return {};
}

// The first of what SQLite finds wrong.
Result<void> check_whole(Database& database) {
  std::string found;
  auto read =
      database.each("PRAGMA quick_check(1)", [&found](const Statement& row) -> Result<void> {
        found = row.string(0);
        return {};
      });
  if (!read) return read;
  if (found != "ok") return fail(ErrorKind::Invalid, "it is damaged: " + found);
  return {};
}

Result<std::int64_t> integer(Database& database, Sql sql) {
  auto value = database.integer(sql);
  if (!value) return std::unexpected(value.error());
  return value->value_or(0);
}

Result<void> copy_to_new_file(const std::string& from, const std::string& to) {
  auto source = Database::open(from, Access::ReadOnly);
  if (!source) return about(from, source.error());
  if (auto ours = check_schema(**source); !ours) return about(from, ours.error());
  if (auto made = make_file(to); !made) return made;
  auto target = Database::open(to, Access::ReadWrite);
  if (!target) return about(to, target.error());
  if (auto copied = copy(**source, **target); !copied) return about(from, copied.error());
  // A single file: the log of a WAL database is a second one.
  if (auto one = (*target)->execute("PRAGMA journal_mode = DELETE"); !one) {
    return about(to, one.error());
  }
  if (auto whole = check_whole(**target); !whole) return about(from, whole.error());
  return {};
}

// What is taken over from the store that a backup replaces. A store that cannot be read has none.
struct Present {
  std::vector<limit::QuotaMark> marks;
  std::int64_t high_water_us = 0;
  std::int64_t security_version = 0;
};

Result<Present> read_present(const std::string& path, RevocationLog& revocations,
                             std::int64_t now_us) {
  auto database = open_store_file(path, {});
  if (!database) return std::unexpected(database.error());
  if (auto noted = revocations.note_all_of(**database, now_us); !noted) {
    return std::unexpected(noted.error());
  }
  Present present;
  auto marks = load_marks(**database);
  if (!marks) return std::unexpected(marks.error());
  present.marks = std::move(*marks);
  auto water = load_high_water(**database);
  if (!water) return std::unexpected(water.error());
  present.high_water_us = *water;
  auto version = integer(**database, "SELECT max(security_version) FROM user");
  if (!version) return std::unexpected(version.error());
  present.security_version = *version;
  // The file must hold everything by itself when it is put aside.
  auto whole =
      (*database)->execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE");
  if (!whole) return std::unexpected(whole.error());
  return present;
}

// Within a transaction.
Result<void> renew(Database& database, const Present& present, const RevocationLog& revocations,
                   std::int64_t now_us, RestoreReport& report) {
  const auto ended = revocations.end_in(database);
  if (!ended) return std::unexpected(ended.error());
  report.ended = *ended;
  // Higher than any that a token or a proof may carry: a version goes up by one a change, and
  // nobody changes a user a thousand times a second.
  const std::int64_t version =
      std::max({now_us / kMillisecond_us, present.high_water_us / kMillisecond_us,
                present.security_version + 1});
  auto done =
      database.run("UPDATE user SET security_version = max(security_version + 1, ?)", version);
  report.users = database.changes();
  for (const limit::QuotaMark& mark : present.marks) {
    if (done) done = raise_mark(database, mark);
  }
  if (done) done = raise_high_water(database, std::max(present.high_water_us, now_us));
  return done;
}

Result<void> rebuild(Database& database, const Present& present, const RevocationLog& revocations,
                     const Secret& audit_key, const AuditEntry& entry, RestoreReport& report) {
  auto done = database.execute("BEGIN IMMEDIATE");
  if (done) done = renew(database, present, revocations, entry.time_us, report);
  if (done) done = append_audit(database, audit_key, entry);
  if (done) done = database.execute("COMMIT");
  if (done) done = database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!done && database.in_transaction()) {
    if (auto back = database.execute("ROLLBACK"); !back) log::error(back.error().message);
  }
  return done;
}

// The one that is there keeps its content under another name.
Result<void> put_aside(const std::string& path, const std::string& kept) {
  remove_files(kept);
  if (::link(path.c_str(), kept.c_str()) != 0 && errno != ENOENT) return failed(kept);
  for (const char* suffix : {"-wal", "-shm"}) {  // of one that could not be opened
    if (::rename((path + suffix).c_str(), (kept + suffix).c_str()) != 0 && errno != ENOENT) {
      return failed(kept + suffix);
    }
  }
  return {};
}

}  // namespace

Result<BackupReport> backup_store(const std::string& directory, const std::string& file) {
  struct stat found{};
  if (::lstat(file.c_str(), &found) == 0) {
    return fail(ErrorKind::Conflict, file + ": there is such a file already; nothing was changed");
  }
  const std::string unfinished = file + ".partial";
  Result<void> done = copy_to_new_file(directory + "/sallyport.db", unfinished);
  if (done) done = sync(unfinished, O_RDWR);
  if (done && ::link(unfinished.c_str(), file.c_str()) != 0) done = failed(file);
  remove_files(unfinished);
  if (done) done = sync_folder_of(file);
  if (!done) return std::unexpected(done.error());
  BackupReport report;
  auto database = Database::open(file, Access::ReadOnly);
  if (!database) return about(file, database.error());
  auto rows = integer(**database, "SELECT count(*) FROM audit");
  if (!rows) return about(file, rows.error());
  report.audit_rows = *rows;
  if (::stat(file.c_str(), &found) == 0) report.bytes = found.st_size;
  return report;
}

Result<RestoreReport> restore_store(const std::string& directory, const std::string& file,
                                    const Secret& audit_key, const std::string& actor) {
  const std::string path = directory + "/sallyport.db";
  const std::string building = path + ".restoring";
  RestoreReport report;
  report.kept = path + ".before-restore";
  const std::int64_t now_us = SystemClock().unix_us();
  RevocationLog revocations(directory + "/revocations.log");
  AuditHeads heads(directory + "/audit.heads");

  Result<void> done = copy_to_new_file(file, building);
  SignedHead head;
  if (done) {
    auto database = open_store_file(building, {});
    if (!database) done = std::unexpected(database.error());
    if (done) {
      const auto verdict = verify_audit_chain(**database, audit_key);
      if (!verdict) done = std::unexpected(verdict.error());
      if (verdict && !verdict->intact) {
        done = fail(ErrorKind::Invalid,
                    file + ": its audit log does not verify with this directory's key (" +
                        verdict->problem + "): it was changed, or is another installation's");
      }
      if (verdict) report.audit_rows = verdict->rows;
    }
    if (done) done = revocations.read();
    Present present;
    if (done) {
      if (auto read = read_present(path, revocations, now_us)) {
        present = std::move(*read);
      } else {
        log::warn(
            "the present store cannot be read, so only revocations.log says what has ended: " +
            read.error().message);
      }
      auto last = audit_head(**database, audit_key);
      if (last) head = *last;
      const AuditEntry entry{now_us, actor, "store.restore", "store",
                             "{\"audit_rows\":" + std::to_string(report.audit_rows) + "}"};
      done = rebuild(**database, present, revocations, audit_key, entry, report);
    }
  }
  if (done) done = sync(building, O_RDWR);
  if (done) {
    head.restored = true;
    head.time_us = now_us;
    const auto signed_head = heads.append(head, audit_key);
    if (!signed_head) done = std::unexpected(signed_head.error());
    if (signed_head) log::to_system("audit " + *signed_head);
  }
  if (done) done = put_aside(path, report.kept);
  if (done && ::rename(building.c_str(), path.c_str()) != 0) done = failed(path);
  if (done) done = sync_folder_of(path);
  remove_files(building);
  if (!done) return std::unexpected(done.error());
  return report;
}

}  // namespace sallyport::storage
