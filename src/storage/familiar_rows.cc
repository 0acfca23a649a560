#include "storage/familiar_rows.h"

namespace sallyport::storage {

Result<std::vector<auth::SourceSeen>> load_sources(Database& database, std::int64_t since_us) {
  std::vector<auth::SourceSeen> rows;
  auto read = database.each(
      "SELECT user_id, source, seen_us FROM familiar_source WHERE seen_us >= ?",
      [&rows](const Statement& row) -> Result<void> {
        rows.push_back({UserId{row.bits(0)}, row.bits(1), row.integer(2)});
        return {};
      },
      since_us);
  if (!read) return std::unexpected(read.error());
  return rows;
}

Result<void> save_sources(Database& database, const std::vector<auth::SourceSeen>& rows,
                          std::int64_t forget_before_us) {
  for (const auth::SourceSeen& row : rows) {
    auto done = database.run(
        "INSERT INTO familiar_source (user_id, source, seen_us) SELECT id, ?2, ?3 FROM user "
        "WHERE id = ?1 ON CONFLICT (user_id, source) DO UPDATE SET seen_us = excluded.seen_us",
        row.user, row.source, row.seen_us);
    if (done) {
      done = database.run("UPDATE user SET last_login_us = ?2 WHERE id = ?1 AND last_login_us < ?2",
                          row.user, row.seen_us);
    }
    if (!done) return done;
  }
  return database.run("DELETE FROM familiar_source WHERE seen_us < ?", forget_before_us);
}

}  // namespace sallyport::storage
