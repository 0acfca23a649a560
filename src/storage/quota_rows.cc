#include "storage/quota_rows.h"

#include <algorithm>
#include <string>

#include "base/encoding.h"
#include "base/time_text.h"

namespace sallyport::storage {

namespace {

// "key:0123..." of a key's own, else the subscription's.
std::string subject_of(const limit::QuotaMark& mark) {
  if (mark.scope.starts_with("key:")) return "key " + mark.scope.substr(4);
  return "subscription " + mark.subscription.hex();
}

// Once per period: the row says how many percentages were told before.
Result<void> tell(Database& database, const limit::QuotaMark& mark) {
  if (mark.events.empty()) return {};
  std::int64_t told = 0;
  auto read = database.each(
      "SELECT told FROM quota_mark WHERE subscription_id = ? AND scope = ? AND "
      "period_start_us = ? AND epoch = ?",
      [&told](const Statement& row) -> Result<void> {
        told = row.integer(0);
        return {};
      },
      mark.subscription, mark.scope, mark.period_start_us, mark.epoch);
  if (!read) return read;
  if (told >= mark.told) return {};
  const std::size_t first = mark.told - std::min<std::size_t>(mark.events.size(), mark.told);
  for (std::size_t i = 0; i < mark.events.size(); ++i) {
    if (first + i < static_cast<std::size_t>(told)) continue;
    const limit::QuotaTold& one = mark.events[i];
    std::string json = "{\"percent\":" + std::to_string(one.percent) +
                       ",\"used\":" + std::to_string(one.used) +
                       ",\"quota\":" + std::to_string(one.quota) + ",\"scope\":\"";
    append_json_escaped(json, mark.scope);
    json += "\",\"period\":\"" + std::string(to_string(mark.period)) + "\",\"subscription\":\"" +
            mark.subscription.hex() + "\",\"resets\":\"" + rfc3339_seconds(mark.period_end_us) +
            "\"}";
    auto done = database.run(
        "INSERT INTO event (time_us, kind, subject, account_id, json) "
        "SELECT ?5, ?2, ?3, application.account_id, ?4 "
        "FROM subscription JOIN application ON application.id = subscription.application_id "
        "WHERE subscription.id = ?1",
        mark.subscription, one.percent < 100 ? "quota.near" : "quota.over", subject_of(mark), json,
        one.time_us);
    if (!done) return done;
  }
  return {};
}

}  // namespace

Result<std::vector<limit::QuotaMark>> load_marks(Database& database) {
  std::vector<limit::QuotaMark> marks;
  auto read = database.each(
      "SELECT subscription_id, scope, period, period_start_us, mark, period_end_us, anchor, "
      "time_zone, granted, epoch, told FROM quota_mark",
      [&marks](const Statement& row) -> Result<void> {
        const auto period = parse_quota_period(row.text(2));
        if (!period) {
          return fail(ErrorKind::Internal,
                      "the store: quota period '" + row.string(2) + "' is not known");
        }
        limit::QuotaMark& mark = marks.emplace_back();
        mark.subscription = SubscriptionId{row.bits(0)};
        mark.scope = row.string(1);
        mark.period = *period;
        mark.period_start_us = row.integer(3);
        mark.mark = row.bits(4);
        mark.period_end_us = row.integer(5);
        mark.anchor = static_cast<std::uint8_t>(row.integer(6));
        mark.zone = find_zone(row.text(7)).value_or(kUtc);
        mark.granted = row.bits(8);
        mark.epoch = static_cast<std::uint32_t>(row.integer(9));
        mark.told = static_cast<std::uint8_t>(row.integer(10));
        return {};
      });
  if (!read) return std::unexpected(read.error());
  return marks;
}

Result<void> raise_mark(Database& database, const limit::QuotaMark& mark) {
  if (auto told = tell(database, mark); !told) return told;
  return database.run(
      "INSERT INTO quota_mark (subscription_id, scope, period, period_start_us, mark, "
      "period_end_us, anchor, time_zone, granted, epoch, told) "
      "SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM subscription WHERE id = ?1 "
      "ON CONFLICT (subscription_id, scope) DO UPDATE SET period = excluded.period, "
      "period_start_us = excluded.period_start_us, mark = excluded.mark, "
      "period_end_us = excluded.period_end_us, anchor = excluded.anchor, "
      "time_zone = excluded.time_zone, granted = excluded.granted, epoch = excluded.epoch, "
      "told = excluded.told "
      "WHERE excluded.period_start_us > period_start_us "
      "OR (excluded.period_start_us = period_start_us AND (excluded.epoch > epoch "
      "OR (excluded.epoch = epoch AND (excluded.mark > mark OR excluded.told > told))))",
      mark.subscription, mark.scope, to_string(mark.period), mark.period_start_us, mark.mark,
      mark.period_end_us, mark.anchor, zone_name(mark.zone), mark.granted, mark.epoch, mark.told);
}

Result<void> change_mark(Database& database, const QuotaChange& change) {
  return database.run(
      "INSERT INTO quota_mark (subscription_id, scope, period, period_start_us, mark, "
      "period_end_us, anchor, time_zone, granted, epoch, told) "
      "SELECT id, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8, ?9, 0 FROM subscription WHERE id = ?1 "
      "ON CONFLICT (subscription_id, scope) DO UPDATE SET "
      "mark = iif(?10 OR excluded.period_start_us <> period_start_us, 0, mark), "
      "told = iif(?10 OR excluded.period_start_us <> period_start_us, 0, told), "
      "period = excluded.period, period_start_us = excluded.period_start_us, "
      "period_end_us = excluded.period_end_us, anchor = excluded.anchor, "
      "time_zone = excluded.time_zone, granted = excluded.granted, epoch = excluded.epoch",
      change.subscription, change.scope, to_string(change.period), change.start_us, change.end_us,
      change.anchor, zone_name(change.zone), change.granted, change.epoch, change.reset);
}

Result<void> settle_mark(Database& database, const limit::QuotaMark& mark) {
  return database.run(
      "INSERT INTO quota_mark (subscription_id, scope, period, period_start_us, mark, "
      "period_end_us, anchor, time_zone, granted, epoch, told) "
      "SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM subscription WHERE id = ?1 "
      "ON CONFLICT (subscription_id, scope) DO UPDATE SET period = excluded.period, "
      "period_start_us = excluded.period_start_us, mark = excluded.mark, "
      "period_end_us = excluded.period_end_us, anchor = excluded.anchor, "
      "time_zone = excluded.time_zone, granted = excluded.granted, epoch = excluded.epoch, "
      "told = excluded.told",
      mark.subscription, mark.scope, to_string(mark.period), mark.period_start_us, mark.mark,
      mark.period_end_us, mark.anchor, zone_name(mark.zone), mark.granted, mark.epoch, mark.told);
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
