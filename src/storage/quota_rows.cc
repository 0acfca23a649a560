#include "storage/quota_rows.h"

#include <string>

namespace sallyport::storage {

Result<std::vector<limit::QuotaMark>> load_marks(Database& database) {
  std::vector<limit::QuotaMark> marks;
  auto read =
      database.each("SELECT subscription_id, scope, period, period_start_us, mark FROM quota_mark",
                    [&marks](const Statement& row) -> Result<void> {
                      const auto period = parse_quota_period(row.text(2));
                      if (!period) {
                        return fail(ErrorKind::Internal,
                                    "the store: quota period '" + row.string(2) + "' is not known");
                      }
                      marks.push_back({.subscription = SubscriptionId{row.bits(0)},
                                       .scope = row.string(1),
                                       .period_start_us = row.integer(3),
                                       .period = *period,
                                       .mark = row.bits(4)});
                      return {};
                    });
  if (!read) return std::unexpected(read.error());
  return marks;
}

Result<void> raise_mark(Database& database, const limit::QuotaMark& mark) {
  return database.run(
      "INSERT INTO quota_mark (subscription_id, scope, period, period_start_us, mark) "
      "SELECT id, ?2, ?3, ?4, ?5 FROM subscription WHERE id = ?1 "
      "ON CONFLICT (subscription_id, scope) DO UPDATE SET period = excluded.period, "
      "period_start_us = excluded.period_start_us, mark = excluded.mark "
      "WHERE excluded.period <> period OR excluded.period_start_us > period_start_us "
      "OR (excluded.period_start_us = period_start_us AND excluded.mark > mark)",
      mark.subscription, mark.scope, to_string(mark.period), mark.period_start_us, mark.mark);
}

Result<void> settle_mark(Database& database, const limit::QuotaMark& mark) {
  return database.run(
      "INSERT INTO quota_mark (subscription_id, scope, period, period_start_us, mark) "
      "SELECT id, ?2, ?3, ?4, ?5 FROM subscription WHERE id = ?1 "
      "ON CONFLICT (subscription_id, scope) DO UPDATE SET period = excluded.period, "
      "period_start_us = excluded.period_start_us, mark = excluded.mark",
      mark.subscription, mark.scope, to_string(mark.period), mark.period_start_us, mark.mark);
}

Result<std::int64_t> load_high_water(Database& database) {
  auto time = database.integer("SELECT time_us FROM high_water");
  if (!time) return std::unexpected(time.error());
  return time->value_or(0);
}

Result<void> raise_high_water(Database& database, std::int64_t time_us) {
  return database.run("UPDATE high_water SET time_us = ?1 WHERE time_us < ?1", time_us);
}

}  // namespace sallyport::storage
