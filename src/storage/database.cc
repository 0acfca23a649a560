#include "storage/database.h"

#include <sqlite3.h>

#include <mutex>
#include <unordered_map>
#include <utility>

namespace sallyport::storage {
namespace {

// Memory statistics take a global lock on each allocation of each thread.
void configure_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
  });
}

ErrorKind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_NOMEM: return ErrorKind::Exhausted;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorKind::Unavailable;
    case SQLITE_CONSTRAINT: return ErrorKind::Conflict;
    case SQLITE_TOOBIG: return ErrorKind::Invalid;
    default: return ErrorKind::Internal;
  }
}

}  // namespace

struct Database::Cache {
  std::unordered_map<const char*, sqlite3_stmt*> statements;
};

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_),
      bind_error_(other.bind_error_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);  // they point at what may soon be gone
}

void Statement::note(int code) {
  if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::put(std::int64_t value) { note(sqlite3_bind_int64(statement_, next_++, value)); }

void Statement::put(std::string_view text) {
  // A null pointer would be bound as NULL; an empty text is not NULL.
  const char* bytes = text.empty() ? "" : text.data();
  note(sqlite3_bind_text64(statement_, next_++, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::put(Blob blob) {
  const char* bytes = blob.bytes.empty() ? "" : blob.bytes.data();
  note(sqlite3_bind_blob64(statement_, next_++, bytes, blob.bytes.size(), SQLITE_STATIC));
}

void Statement::put(std::nullptr_t) { note(sqlite3_bind_null(statement_, next_++)); }

Result<bool> Statement::step() {
  if (bind_error_ != SQLITE_OK) return std::unexpected(database_->error(bind_error_));
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(database_->error(code));
}

Result<void> Statement::run() {
  for (;;) {
    auto more = step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_, column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Database::Database(Passkey, sqlite3* handle) : handle_(handle), cache_(std::make_unique<Cache>()) {}

Database::~Database() {
  for (const auto& [text, statement] : cache_->statements) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Access access,
                                                 bool create, const std::string& vfs) {
  configure_once();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= access == Access::ReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (handle == nullptr) return fail(ErrorKind::Exhausted, "no memory to open the store");
  auto database = std::make_unique<Database>(Passkey(), handle);
  if (code != SQLITE_OK) return std::unexpected(database->error(code));
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_busy_timeout(handle, 5000);
  return database;
}

Result<void> Database::execute(const std::string& script) {
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  return {};
}

Result<Statement> Database::prepare(Sql sql) {
  sqlite3_stmt*& statement = cache_->statements[sql.text()];
  if (statement == nullptr) {
    const int code =
        sqlite3_prepare_v3(handle_, sql.text(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return std::unexpected(error(code));
  }
  SALLYPORT_CHECK(sqlite3_stmt_busy(statement) == 0);  // one use at a time
  return Statement(*this, statement);
}

Result<std::optional<std::int64_t>> Database::integer(Sql sql) {
  auto statement = prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  auto row = statement->step();
  if (!row) return std::unexpected(row.error());
  if (!*row || statement->is_null(0)) return std::nullopt;
  return statement->integer(0);
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }
std::int64_t Database::total_changes() const { return sqlite3_total_changes64(handle_); }
bool Database::is_read_only() const { return sqlite3_db_readonly(handle_, "main") == 1; }

Error Database::error(int code) const {
  // The connection's text belongs to the last failure; another code has only its general text.
  const bool same = (sqlite3_errcode(handle_) & 0xFF) == (code & 0xFF);
  return Error{kind_of(code), std::string("the store: ") +
                                  (same ? sqlite3_errmsg(handle_) : sqlite3_errstr(code))};
}

}  // namespace sallyport::storage
