// The bare loop that B14 is compared with: messages of the store's own schema, inserted through
// plain SQLite calls by one thread, so many to a transaction, each transaction durable.
//   store_loop FILE SECONDS   makes FILE; one line for each size of batch, 128 first

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/secret.h"
#include "storage/store_file.h"

namespace {

using SteadyClock = std::chrono::steady_clock;

sqlite3* store = nullptr;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "store_loop: %s: %s\n", what.c_str(),
               store == nullptr ? "" : sqlite3_errmsg(store));
  std::exit(1);
}

void execute(const char* script) {
  if (sqlite3_exec(store, script, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(script);
}

sqlite3_stmt* prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(store, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    give_up(sql);
  }
  return statement;
}

void run(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) give_up(sqlite3_sql(statement));
  sqlite3_reset(statement);
}

// What the product binds for a message to one recipient, of the same sizes.
class Inserter {
 public:
  Inserter() {
    sqlite3_bind_text(content_, 2, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
  }
  Inserter(const Inserter&) = delete;
  Inserter& operator=(const Inserter&) = delete;
  ~Inserter() {
    for (sqlite3_stmt* statement : {message_, content_, recipient_}) sqlite3_finalize(statement);
  }

  void insert(std::uint64_t number, std::int64_t now_us) {
    // As make_message_id(): milliseconds in front, the rest random; a mixed counter will do.
    const std::uint64_t mixed = number * 0x9E3779B97F4A7C15ULL;
    unsigned char id[16] = {};
    const auto ms = static_cast<std::uint64_t>(now_us / 1000);
    for (unsigned i = 0; i < 6; ++i) id[i] = static_cast<unsigned char>(ms >> (8 * (5 - i)));
    for (unsigned i = 0; i < 8; ++i) id[8 + i] = static_cast<unsigned char>(mixed >> (8 * i));
    sqlite3_bind_blob(message_, 1, id, sizeof(id), SQLITE_STATIC);
    sqlite3_bind_int64(message_, 2, now_us);
    run(message_);
    sqlite3_bind_blob(content_, 1, id, sizeof(id), SQLITE_STATIC);
    run(content_);
    sqlite3_bind_blob(recipient_, 1, id, sizeof(id), SQLITE_STATIC);
    sqlite3_bind_int64(recipient_, 2, now_us);
    run(recipient_);
  }

 private:
  const std::string body_ = std::string(100, 'b');
  sqlite3_stmt* message_ = prepare(
      "INSERT INTO message (id, account_id, workspace_id, user_id, application_id, environment, "
      "from_name, username, created_us, label, recipients_text, subject) VALUES (?, 1, 1, "
      "1234567890123456789, 1234567890123456789, 'live', 'Ann Example', 'ann', ?, '', "
      "'a@example.com', 's')");
  sqlite3_stmt* content_ = prepare("INSERT INTO message_content (message_id, body) VALUES (?, ?)");
  sqlite3_stmt* recipient_ = prepare(
      "INSERT INTO recipient (message_id, n, account_id, channel, state, next_attempt_us, "
      "attempts, sent_us, delivered_us, failed_us, last_code, last_text, destination) "
      "VALUES (?, 1, 1, 0, 0, ?, 0, 0, 0, 0, 0, '', 'a@example.com')");
};

double measure(Inserter& inserter, int batch, double seconds, std::uint64_t& number) {
  sqlite3_stmt* begin = prepare("BEGIN IMMEDIATE");
  sqlite3_stmt* commit = prepare("COMMIT");
  const auto start = SteadyClock::now();
  const std::uint64_t first = number;
  double passed = 0;
  while (passed < seconds) {
    run(begin);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto now_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    for (int i = 0; i < batch; ++i) inserter.insert(++number, now_us);
    run(commit);
    passed = std::chrono::duration<double>(SteadyClock::now() - start).count();
  }
  sqlite3_finalize(begin);
  sqlite3_finalize(commit);
  return static_cast<double>(number - first) / passed;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc == 3 ? std::strtod(argv[2], nullptr) : 0;
  if (seconds <= 0) {
    std::fprintf(stderr, "usage: store_loop FILE SECONDS\n");
    return 2;
  }
  const auto created =
      sallyport::storage::create_store_file(argv[1], sallyport::Secret(std::string(32, 'k')));
  if (!created) give_up(created.error().message);
  if (sqlite3_open_v2(argv[1], &store, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr) !=
      SQLITE_OK) {
    give_up(argv[1]);
  }
  execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
      "PRAGMA cache_size = -32768; "
      "INSERT INTO account VALUES (1, 'bench', 'active', 'UTC', 0, 0); "
      "INSERT INTO workspace VALUES (1, 1, '', '', '', 'active', 1, 0)");
  {
    Inserter inserter;
    std::uint64_t number = 0;
    for (const int batch : {128, 64}) {
      std::printf("batches of %d: %.0f inserts/s\n", batch,
                  measure(inserter, batch, seconds, number));
    }
  }
  sqlite3_close(store);
  return 0;
}
