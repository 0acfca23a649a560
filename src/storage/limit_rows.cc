#include "storage/limit_rows.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace sallyport::storage {
namespace {

// What the entity's own row has columns for.
Limits without_own_columns(Limits limits, bool concurrency_too) {
  limits.rate_per_second.reset();
  limits.burst.reset();
  limits.quota.reset();
  limits.quota_period = QuotaPeriod::Day;
  if (concurrency_too) limits.concurrency.reset();
  return limits;
}

Result<void> put(Database& db, std::string_view kind, std::uint64_t owner, std::size_t n,
                 const Limits& limits) {
  if (limits == Limits{}) return {};
  return db.run(
      "INSERT INTO more_limits (kind, owner_id, n, rate_per_second, burst, quota, quota_period, "
      "quota_anchor, quota_time_zone, rate_windows, concurrency) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      kind, owner, n, limits.rate_per_second, limits.burst, limits.quota,
      to_string(limits.quota_period), limits.quota_anchor, zone_name(limits.quota_zone),
      windows_text(limits), limits.concurrency);
}

Result<void> clear(Database& db, std::string_view kind, std::uint64_t owner) {
  return db.run("DELETE FROM more_limits WHERE kind = ? AND owner_id = ?", kind, owner);
}

Result<void> replace(Database& db, std::string_view kind, std::uint64_t owner,
                     const Limits& limits) {
  auto done = clear(db, kind, owner);
  return done ? put(db, kind, owner, 0, limits) : done;
}

template <class Number>
void take(const Statement& row, int column, std::optional<Number>& out) {
  if (!row.is_null(column)) out = static_cast<Number>(row.integer(column));
}

struct Row {
  std::string kind;
  std::uint64_t owner = 0;
  std::size_t n = 0;
  Limits limits;
};

Result<Row> read(const Statement& row) {
  Row read{row.string(0), row.bits(1), static_cast<std::size_t>(row.integer(2)), {}};
  Limits& limits = read.limits;
  take(row, 3, limits.rate_per_second);
  take(row, 4, limits.burst);
  take(row, 5, limits.quota);
  take(row, 10, limits.concurrency);
  const auto period = parse_quota_period(row.text(6));
  const std::string_view zone = row.text(8);
  const auto found = find_zone(zone);
  if (!period || !read_windows(row.text(9), limits)) {
    return fail(ErrorKind::Internal, "the store: limits of " + read.kind + " " +
                                         hex_upper(read.owner) + " are not known to this version");
  }
  if (!zone.empty() && !found) {
    return fail(ErrorKind::Internal, "the store: limits of " + read.kind + " " +
                                         hex_upper(read.owner) + ": there is no time zone " +
                                         std::string(zone));
  }
  limits.quota_period = *period;
  limits.quota_anchor = static_cast<std::uint8_t>(row.integer(7));
  limits.quota_zone = found.value_or(ZoneId{});
  return read;
}

template <class T>
std::unordered_map<std::uint64_t, T*> by_id(std::vector<T>& entities) {
  std::unordered_map<std::uint64_t, T*> found;
  found.reserve(entities.size());
  for (T& entity : entities) found[entity.id.value] = &entity;
  return found;
}

template <class T, class Take>
void give(const std::unordered_map<std::uint64_t, T*>& owners, std::uint64_t owner, Take&& taker) {
  const auto found = owners.find(owner);
  if (found != owners.end()) taker(*found->second);
}

}  // namespace

void add_more_limits(Limits& own, const Limits& more) {
  own.windows = more.windows;
  own.quota_anchor = more.quota_anchor;
  own.quota_zone = more.quota_zone;
  if (more.concurrency) own.concurrency = more.concurrency;
}

Result<std::unordered_map<std::uint64_t, Limits>> more_key_limits(Database& database) {
  std::unordered_map<std::uint64_t, Limits> found;
  auto done = database.each(
      "SELECT kind, owner_id, n, rate_per_second, burst, quota, quota_period, quota_anchor, "
      "quota_time_zone, rate_windows, concurrency FROM more_limits WHERE kind = 'api_key'",
      [&found](const Statement& row) -> Result<void> {
        auto one = read(row);
        if (!one) return std::unexpected(one.error());
        found.emplace(one->owner, std::move(one->limits));
        return {};
      });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<void> load_more_limits(Database& database, ApiKey& key) {
  return database.each(
      "SELECT kind, owner_id, n, rate_per_second, burst, quota, quota_period, quota_anchor, "
      "quota_time_zone, rate_windows, concurrency FROM more_limits "
      "WHERE kind = 'api_key' AND owner_id = ?",
      [&key](const Statement& row) -> Result<void> {
        auto one = read(row);
        if (!one) return std::unexpected(one.error());
        add_more_limits(key.limits, one->limits);
        return {};
      },
      key.id);
}

Result<void> load_more_limits(Database& database, Entities& all) {
  std::vector<Row> rows;
  auto done = database.each(
      "SELECT kind, owner_id, n, rate_per_second, burst, quota, quota_period, quota_anchor, "
      "quota_time_zone, rate_windows, concurrency FROM more_limits WHERE kind <> 'api_key'",
      [&rows](const Statement& row) -> Result<void> {
        auto one = read(row);
        if (!one) return std::unexpected(one.error());
        rows.push_back(std::move(*one));
        return {};
      });
  if (!done || rows.empty()) return done;
  const auto accounts = by_id(all.accounts);
  const auto plans = by_id(all.plans);
  const auto subscriptions = by_id(all.subscriptions);
  for (const Row& row : rows) {
    const Limits& limits = row.limits;
    if (row.kind == "account") {
      give(accounts, row.owner, [&](Account& a) { a.limits = limits; });
    } else if (row.kind == "plan") {
      give(plans, row.owner, [&](Plan& p) { add_more_limits(p.limits, limits); });
    } else if (row.kind == "plan_shadow") {
      give(plans, row.owner, [&](Plan& p) { p.shadow = limits; });
    } else if (row.kind == "plan_opening") {
      give(plans, row.owner, [&](Plan& p) {
        if (row.n < p.opens.size()) add_more_limits(p.opens[row.n].own, limits);
      });
    } else if (row.kind == "subscription") {
      give(subscriptions, row.owner,
           [&](Subscription& s) { add_more_limits(s.overrides, limits); });
    }
  }
  return {};
}

Result<void> put_more_limits(Database& database, const Account& account) {
  return replace(database, "account", account.id.value, account.limits);
}

Result<void> put_more_limits(Database& database, const Plan& plan) {
  const std::uint64_t id = plan.id.value;
  auto done = replace(database, "plan", id, without_own_columns(plan.limits, true));
  if (done) done = replace(database, "plan_shadow", id, plan.shadow);
  if (done) done = clear(database, "plan_opening", id);
  for (std::size_t n = 0; done && n < plan.opens.size(); ++n) {
    done = put(database, "plan_opening", id, n, without_own_columns(plan.opens[n].own, false));
  }
  return done;
}

Result<void> put_more_limits(Database& database, const Subscription& subscription) {
  return replace(database, "subscription", subscription.id.value,
                 without_own_columns(subscription.overrides, false));
}

Result<void> put_more_limits(Database& database, const ApiKey& key) {
  return replace(database, "api_key", key.id.value, without_own_columns(key.limits, false));
}

}  // namespace sallyport::storage
