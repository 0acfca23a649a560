#include "storage/usage_rows.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace sallyport::storage {
namespace {

std::optional<Reason> parse_reason(std::string_view text) {
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    if (to_string(reason) == text) return reason;
  }
  return std::nullopt;
}

}  // namespace

Result<void> add_usage(Database& database, const std::vector<limit::UsageRow>& rows) {
  for (const limit::UsageRow& row : rows) {
    auto done = database.run(
        "INSERT INTO usage (subscription_id, hour_us, api, operation, class, reason, count, bytes) "
        "SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM subscription WHERE id = ?1 "
        "ON CONFLICT (subscription_id, hour_us, api, operation, class, reason) DO UPDATE SET "
        "count = count + excluded.count, bytes = bytes + excluded.bytes",
        row.subscription, row.hour_us, row.api, row.operation, to_string(row.kind),
        to_string(row.reason), row.count, row.bytes);
    if (!done) return done;
  }
  return {};
}

Result<std::vector<limit::UsageRow>> read_usage(Database& database,
                                                const limit::UsageQuery& query) {
  std::unordered_set<SubscriptionId> wanted(query.subscriptions.begin(), query.subscriptions.end());
  std::vector<limit::UsageRow> rows;
  auto done = database.each(
      "SELECT subscription_id, hour_us, api, operation, class, reason, count, bytes FROM usage "
      "WHERE hour_us >= ? AND hour_us < ? ORDER BY hour_us",
      [&](const Statement& row) -> Result<void> {
        const SubscriptionId subscription{row.bits(0)};
        if (!wanted.empty() && !wanted.contains(subscription)) return {};
        const auto kind = limit::parse_usage_class(row.text(4));
        // A reason of a later version: the count is right all the same.
        const Reason reason = parse_reason(row.text(5)).value_or(Reason::InternalError);
        if (!kind) return {};
        rows.push_back({subscription, row.integer(1), row.string(2), row.string(3), *kind, reason,
                        row.bits(6), row.bits(7)});
        return {};
      },
      query.since_us, query.until_us);
  if (!done) return std::unexpected(done.error());
  return rows;
}

}  // namespace sallyport::storage
