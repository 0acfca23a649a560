#include "storage/entity_load.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "storage/limit_rows.h"

namespace sallyport::storage {
namespace {

// The columns of a row, taken from left to right. The first word that is not known is remembered.
class Columns {
 public:
  explicit Columns(const Statement& row) : row_(row) {}

  template <class Tag>
  void take(Id<Tag>& id) {
    id.value = row_.bits(next_++);
  }
  void take(std::string& text) { text = row_.text(next_++); }
  void take(bool& flag) { flag = row_.integer(next_++) != 0; }
  template <std::integral Number>
  void take(Number& number) {
    number = static_cast<Number>(row_.integer(next_++));
  }
  template <std::integral Number>
  void take(std::optional<Number>& number) {
    if (!row_.is_null(next_)) number = static_cast<Number>(row_.integer(next_));
    ++next_;
  }
  void take(Status& status) { word(status, parse_status); }
  void take(Environment& environment) { word(environment, parse_environment); }
  void take(QuotaPeriod& period) { word(period, parse_quota_period); }
  void take(Limits& limits) {
    all(limits.rate_per_second, limits.burst, limits.quota, limits.quota_period);
  }
  void take(Match& match) {
    std::string methods;
    all(match.api, match.operation, methods, match.pattern);
    words(methods, [&match](std::string_view word) { match.methods.emplace_back(word); });
  }
  void take(SenderKind& kind) { word(kind, parse_sender_kind); }
  void take_bytes(std::string& bytes) { bytes = row_.blob(next_++); }
  void take_words(std::vector<std::string>& list) {
    words(row_.text(next_++), [&list](std::string_view word) { list.emplace_back(word); });
  }
  void take(Digest& digest) {
    const std::string_view bytes = row_.blob(next_++);
    if (bytes.size() == digest.size()) {
      std::ranges::copy(bytes, reinterpret_cast<char*>(digest.data()));
    } else {
      unknown_ = "a digest of another size";
    }
  }
  void take(std::vector<Network>& networks) {
    words(row_.text(next_++), [&](std::string_view word) {
      if (auto network = Network::parse(word)) {
        networks.push_back(*network);
      } else {
        unknown_ = word;
      }
    });
  }
  template <class... Values>
  void all(Values&... values) {
    (take(values), ...);
  }

  Result<void> ended(std::string_view table) const {
    if (unknown_.empty()) return {};
    return fail(ErrorKind::Internal, "the store: " + std::string(table) + " " +
                                         hex_upper(row_.bits(0)) + ": '" + unknown_ +
                                         "' is not known to this version");
  }

 private:
  template <class T, class Parse>
  void word(T& value, Parse parse) {
    const std::string_view text = row_.text(next_++);
    if (auto parsed = parse(text)) {
      value = *parsed;
    } else {
      unknown_ = text.empty() ? "an empty word" : text;
    }
  }
  template <class Each>
  static void words(std::string_view text, Each each) {
    while (!text.empty()) {
      const auto blank = text.find(' ');
      each(text.substr(0, blank));
      text = blank == std::string_view::npos ? std::string_view() : text.substr(blank + 1);
    }
  }

  const Statement& row_;
  int next_ = 0;
  std::string unknown_;
};

// Hands rows to their owners, which are sorted by id as the statement sorts them, as signed ones.
template <class Owner, class Take>
Result<void> load_parts(Database& database, Sql sql, std::vector<Owner>& owners, Take take) {
  auto owner = owners.begin();
  return database.each(sql, [&](const Statement& row) -> Result<void> {
    Columns columns(row);
    decltype(owners.front().id) id;
    columns.take(id);
    while (owner != owners.end() && owner->id != id) ++owner;
    SALLYPORT_CHECK(owner != owners.end());  // a foreign key holds it
    take(*owner, columns);
    return columns.ended("a part of");
  });
}

template <class T, class Take>
Result<void> load_all(Database& database, Sql sql, std::string_view table, std::vector<T>& out,
                      Take take) {
  return database.each(sql, [&](const Statement& row) -> Result<void> {
    Columns columns(row);
    take(out.emplace_back(), columns);
    return columns.ended(table);
  });
}

Result<void> load_accounts(Database& db, Entities& all) {
  return load_all(db,
                  "SELECT id, name, status, time_zone, demo, created_us FROM account ORDER BY id",
                  "account", all.accounts, [](Account& a, Columns& c) {
                    c.all(a.id, a.name, a.status, a.time_zone, a.demo, a.created_us);
                  });
}

Result<void> load_developers(Database& db, Entities& all) {
  auto done =
      load_all(db,
               "SELECT id, email, display_name, status, email_verified, created_us FROM developer "
               "ORDER BY id",
               "developer", all.developers, [](Developer& d, Columns& c) {
                 c.all(d.id, d.email, d.display_name, d.status, d.email_verified, d.created_us);
               });
  if (!done) return done;
  return load_parts(
      db, "SELECT developer_id, account_id, owner FROM developer_account ORDER BY developer_id, n",
      all.developers, [](Developer& d, Columns& c) {
        auto& membership = d.accounts.emplace_back();
        c.all(membership.account, membership.owner);
      });
}

Result<void> load_applications(Database& db, Entities& all) {
  return load_all(db,
                  "SELECT id, account_id, name, description, status, created_us, created_by "
                  "FROM application ORDER BY id",
                  "application", all.applications, [](Application& a, Columns& c) {
                    c.all(a.id, a.account, a.name, a.description, a.status, a.created_us,
                          a.created_by);
                  });
}

Result<void> load_plans(Database& db, Entities& all) {
  auto done = load_all(
      db,
      "SELECT id, name, status, rate_per_second, burst, quota, quota_period, concurrency, "
      "priority, needs_review, keys_per_application, key_lifetime_days, created_us FROM plan "
      "ORDER BY id",
      "plan", all.plans, [](Plan& p, Columns& c) {
        c.all(p.id, p.name, p.status, p.limits, p.limits.concurrency, p.priority, p.needs_review,
              p.keys_per_application, p.key_lifetime_days, p.created_us);
      });
  if (!done) return done;
  return load_parts(db,
                    "SELECT plan_id, api, operation, methods, pattern, rate_per_second, burst, "
                    "quota, quota_period FROM plan_opening ORDER BY plan_id, n",
                    all.plans, [](Plan& p, Columns& c) {
                      auto& opening = p.opens.emplace_back();
                      c.all(opening.match, opening.own);
                    });
}

Result<void> load_subscriptions(Database& db, Entities& all) {
  return load_all(
      db,
      "SELECT id, application_id, plan_id, environment, status, rate_per_second, burst, quota, "
      "quota_period, terms_version, accepted_by, accepted_us, approved_by, starts_us, ends_us, "
      "created_us FROM subscription ORDER BY id",
      "subscription", all.subscriptions, [](Subscription& s, Columns& c) {
        c.all(s.id, s.application, s.plan, s.environment, s.status, s.overrides, s.terms_version,
              s.accepted_by, s.accepted_us, s.approved_by, s.starts_us, s.ends_us, s.created_us);
      });
}

Result<void> load_grants(Database& db, Entities& all) {
  auto done =
      load_all(db,
               "SELECT id, application_id, account_id, granted_by, status, created_us FROM grant_ "
               "ORDER BY id",
               "grant", all.grants, [](Grant& g, Columns& c) {
                 c.all(g.id, g.application, g.account, g.granted_by, g.status, g.created_us);
               });
  if (!done) return done;
  return load_parts(db, "SELECT grant_id, role_id FROM grant_role ORDER BY grant_id, n", all.grants,
                    [](Grant& g, Columns& c) { c.take(g.role_ceiling.emplace_back()); });
}

Result<void> load_roles(Database& db, Entities& all) {
  auto done =
      load_all(db, "SELECT id, account_id, name, shadow_until_us, created_us FROM role ORDER BY id",
               "role", all.roles, [](Role& r, Columns& c) {
                 // No account: NULL reads as 0.
                 c.all(r.id, r.account, r.name, r.shadow_until_us, r.created_us);
               });
  if (done) {
    done = load_parts(db,
                      "SELECT role_id, api, operation, methods, pattern, allow FROM role_shadow "
                      "ORDER BY role_id, n",
                      all.roles, [](Role& r, Columns& c) {
                        auto& permission = r.shadow.emplace_back();
                        c.all(permission.match, permission.allow);
                      });
  }
  if (!done) return done;
  return load_parts(db,
                    "SELECT role_id, api, operation, methods, pattern, allow FROM role_permission "
                    "ORDER BY role_id, n",
                    all.roles, [](Role& r, Columns& c) {
                      auto& permission = r.permissions.emplace_back();
                      c.all(permission.match, permission.allow);
                    });
}

Result<void> load_workspaces(Database& db, Entities& all) {
  return load_all(
      db,
      "SELECT id, account_id, project_name, project_number, billing_cost_centre, status, "
      "is_default, created_us FROM workspace ORDER BY id",
      "workspace", all.workspaces, [](Workspace& w, Columns& c) {
        c.all(w.id, w.account, w.project_name, w.project_number, w.billing_cost_centre, w.status,
              w.is_default, w.created_us);
      });
}

Result<void> load_senders(Database& db, Entities& all) {
  auto done = load_all(
      db,
      "SELECT id, account_id, kind, value, status, token, dkim_selector, dkim_kind, dkim_public, "
      "created_us, dkim_key FROM sender ORDER BY id",
      "sender", all.senders, [](Sender& s, Columns& c) {
        c.all(s.id, s.account, s.kind, s.value, s.status, s.token, s.dkim_selector, s.dkim_kind,
              s.dkim_public, s.created_us);
        c.take_bytes(s.dkim_key);
      });
  if (!done) return done;
  return load_all(
      db,
      "SELECT id, per_minute, per_day, sms_per_day, retention_days, sms_country, created_us, "
      "sms_prefixes FROM sending_rules ORDER BY id",
      "sending_rules", all.sending_rules, [](SendingRules& r, Columns& c) {
        c.all(r.id, r.per_minute, r.per_day, r.sms_per_day, r.retention_days, r.sms_country,
              r.created_us);
        c.take_words(r.sms_prefixes);
      });
}

// All ids, as SQLite sorts them.
constexpr std::int64_t kFirstId = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLastId = std::numeric_limits<std::int64_t>::max();

Result<void> read_key(const Statement& row, ApiKey& k) {
  Columns columns(row);
  columns.all(k.id, k.subscription, k.environment, k.status, k.digest, k.hint, k.not_before_us,
              k.expires_us, k.last_used_us, k.allowed_networks, k.limits, k.note, k.weak,
              k.created_us);
  return columns.ended("key");
}

// The users from `first` to `last`, with their roles: both statements go by the users' ids.
Result<void> users_between(Database& database, std::int64_t first, std::int64_t last,
                           const std::function<void(const User&)>& take) {
  auto roles = database.query(
      "SELECT user_id, role_id, workspace_id FROM user_role WHERE user_id BETWEEN ? AND ? "
      "ORDER BY user_id, n",
      first, last);
  if (!roles) return std::unexpected(roles.error());
  auto more = roles->step();
  return database.each(
      "SELECT id, account_id, username, verifier, security_version, status, allowed_networks, "
      "first_name, last_name, must_change, last_login_us, created_us FROM user "
      "WHERE id BETWEEN ? AND ? ORDER BY id",
      [&](const Statement& row) -> Result<void> {
        User u;
        Columns columns(row);
        columns.all(u.id, u.account, u.username, u.verifier, u.security_version, u.status,
                    u.allowed_networks, u.first_name, u.last_name, u.must_change, u.last_login_us,
                    u.created_us);
        if (auto known = columns.ended("user"); !known) return known;
        for (; more && *more && roles->bits(0) == u.id.value; more = roles->step()) {
          u.roles.push_back({RoleId{roles->bits(1)}, WorkspaceId{roles->bits(2)}});
        }
        if (!more) return std::unexpected(more.error());
        take(u);
        return {};
      },
      first, last);
}

}  // namespace

Result<Entities> load_few(Database& database) {
  Entities all;
  for (auto load :
       {load_accounts, load_developers, load_applications, load_plans, load_subscriptions,
        load_grants, load_roles, load_workspaces, load_senders, load_more_limits}) {
    if (auto done = load(database, all); !done) return std::unexpected(done.error());
  }
  return all;
}

Result<Entities> load_entities(Database& database) {
  auto all = load_few(database);
  if (!all) return all;
  auto done =
      each_key(database, std::nullopt, [&](const ApiKey& key) { all->keys.push_back(key); });
  if (done) done = each_user(database, [&](const User& user) { all->users.push_back(user); });
  if (!done) return std::unexpected(done.error());
  return all;
}

Result<void> each_key(Database& database, std::optional<SubscriptionId> of,
                      const std::function<void(const ApiKey&)>& take) {
  const auto limits = more_key_limits(database);
  if (!limits) return std::unexpected(limits.error());
  const auto each = [&](const Statement& row) -> Result<void> {
    ApiKey key;
    if (auto known = read_key(row, key); !known) return known;
    const auto more = limits->find(key.id.value);
    if (more != limits->end()) add_more_limits(key.limits, more->second);
    take(key);
    return {};
  };
  if (of) {
    return database.each(
        "SELECT id, subscription_id, environment, status, digest, hint, not_before_us, "
        "expires_us, last_used_us, allowed_networks, rate_per_second, burst, quota, quota_period, "
        "note, weak, created_us FROM api_key WHERE subscription_id = ? ORDER BY id",
        each, *of);
  }
  return database.each(
      "SELECT id, subscription_id, environment, status, digest, hint, not_before_us, expires_us, "
      "last_used_us, allowed_networks, rate_per_second, burst, quota, quota_period, note, weak, "
      "created_us FROM api_key ORDER BY id",
      each);
}

Result<void> each_user(Database& database, const std::function<void(const User&)>& take) {
  return users_between(database, kFirstId, kLastId, take);
}

Result<std::optional<ApiKey>> load_key(Database& database, KeyId id) {
  std::optional<ApiKey> found;
  auto done = database.each(
      "SELECT id, subscription_id, environment, status, digest, hint, not_before_us, expires_us, "
      "last_used_us, allowed_networks, rate_per_second, burst, quota, quota_period, note, weak, "
      "created_us FROM api_key WHERE id = ?",
      [&](const Statement& row) { return read_key(row, found.emplace()); }, id);
  if (done && found) done = load_more_limits(database, *found);
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::optional<User>> load_user(Database& database, UserId id) {
  std::optional<User> found;
  const auto wanted = static_cast<std::int64_t>(id.value);
  auto done = users_between(database, wanted, wanted, [&](const User& user) { found = user; });
  if (!done) return std::unexpected(done.error());
  return found;
}

Result<std::optional<UserId>> find_user(Database& database, AccountId account,
                                        const std::string& folded) {
  auto row =
      database.query("SELECT id FROM user WHERE account_id = ? AND folded = ?", account, folded);
  if (!row) return std::unexpected(row.error());
  const auto found = row->step();
  if (!found) return std::unexpected(found.error());
  return *found ? std::optional(UserId{row->bits(0)}) : std::nullopt;
}

Result<std::optional<KeyId>> find_key(Database& database, const Digest& digest) {
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  auto row = database.query("SELECT id FROM api_key WHERE digest = ?", Blob{bytes});
  if (!row) return std::unexpected(row.error());
  const auto found = row->step();
  if (!found) return std::unexpected(found.error());
  return *found ? std::optional(KeyId{row->bits(0)}) : std::nullopt;
}

}  // namespace sallyport::storage
