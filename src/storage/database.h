// One SQLite connection and its prepared statements, without exceptions: what fails comes back as
// an Error that carries SQLite's own words. A connection belongs to one thread at a time.
// Statements are prepared once per connection and found again by the address of their text, which
// is why that text must be known when compiling. A full disk is Exhausted, a disk or file that does
// not answer Unavailable, a broken constraint Conflict.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sallyport::storage {

// The text of a statement: a literal, never put together from input.
class Sql {
 public:
  consteval Sql(const char* text) : text_(text) {}  // NOLINT: written as a plain literal
  const char* text() const { return text_; }

 private:
  const char* text_;
};

struct Blob {  // a parameter that is bytes, not text
  std::string_view bytes;
};

// One use of a prepared statement: bound, stepped, and reset when it goes. Bound text and bytes are
// not copied: they must live until then.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  template <class... Values>
  void bind(const Values&... values) {
    (put(values), ...);
  }
  Result<bool> step();  // true: a row is there; false: no more
  Result<void> run();   // to its end

  // Of the present row; columns count from 0. Views live until the next step.
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::uint64_t bits(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  std::string_view text(int column) const;
  std::string string(int column) const { return std::string(text(column)); }
  std::string_view blob(int column) const;

 private:
  friend class Database;
  Statement(class Database& database, sqlite3_stmt* statement)
      : database_(&database), statement_(statement) {}

  void put(std::int64_t value);
  void put(std::string_view text);
  void put(const char* text) { put(std::string_view(text)); }
  void put(Blob blob);
  void put(std::nullptr_t);
  template <std::integral Number>
  void put(Number value) {
    put(static_cast<std::int64_t>(value));
  }
  template <class Tag>
  void put(Id<Tag> id) {
    put(static_cast<std::int64_t>(id.value));
  }
  template <class T>
  void put(const std::optional<T>& value) {
    value ? put(*value) : put(nullptr);
  }
  void note(int code);

  Database* database_;
  sqlite3_stmt* statement_;
  int next_ = 1;        // parameter to bind
  int bind_error_ = 0;  // the first one, told by step()
};

class Database {
 public:
  enum class Access { ReadOnly, ReadWrite };
  class Passkey {
    friend class Database;
    Passkey() = default;
  };

  // Never creates a file unless told to. `vfs` names a registered SQLite VFS, empty = the usual.
  static Result<std::unique_ptr<Database>> open(const std::string& path, Access access,
                                                bool create = false, const std::string& vfs = {});
  Database(Passkey, sqlite3* handle);  // for open() only
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  Result<void> execute(const std::string& script);  // statements that return nothing we need
  Result<Statement> prepare(Sql sql);
  template <class... Values>
  Result<Statement> query(Sql sql, const Values&... values) {
    auto statement = prepare(sql);
    if (statement) statement->bind(values...);
    return statement;
  }
  template <class... Values>
  Result<void> run(Sql sql, const Values&... values) {
    auto statement = query(sql, values...);
    if (!statement) return std::unexpected(statement.error());
    return statement->run();
  }
  // Calls `row(Statement&)` for each row, until the end or until it returns an error.
  template <class Row, class... Values>
  Result<void> each(Sql sql, Row row, const Values&... values) {
    auto statement = query(sql, values...);
    if (!statement) return std::unexpected(statement.error());
    for (;;) {
      auto more = statement->step();
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      if (Result<void> taken = row(*statement); !taken) return taken;
    }
  }
  // The first column of the first row; nullopt when there is no row or it is NULL.
  Result<std::optional<std::int64_t>> integer(Sql sql);

  bool in_transaction() const;
  std::int64_t changes() const;        // rows changed by the last statement
  std::int64_t total_changes() const;  // since the connection was opened
  bool is_read_only() const;
  sqlite3* handle() { return handle_; }
  Error error(int code) const;  // the present one, for `code` as SQLite returned it

 private:
  struct Cache;

  sqlite3* handle_;
  std::unique_ptr<Cache> cache_;
};

}  // namespace sallyport::storage
