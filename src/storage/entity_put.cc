#include "storage/entity_put.h"

#include <algorithm>
#include <array>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "storage/limit_rows.h"
#include "storage/quota_rows.h"

namespace sallyport::storage {
namespace {

constexpr std::int64_t kMinute_us = 60'000'000;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

std::string joined(const std::vector<Network>& networks) {
  std::vector<std::string> words;
  words.reserve(networks.size());
  for (const auto& network : networks) words.push_back(network.text());
  return joined(words);
}

template <class IdType>
std::optional<IdType> or_null(IdType id) {
  return id ? std::optional(id) : std::nullopt;
}

Result<void> put(Database& db, const Account& a) {
  return db.run(
      "INSERT INTO account (id, name, status, time_zone, demo, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
      "status = excluded.status, time_zone = excluded.time_zone, demo = excluded.demo, "
      "created_us = excluded.created_us",
      a.id, a.name, to_string(a.status), a.time_zone, a.demo, a.created_us);
}

Result<void> put(Database& db, const Developer& d) {
  auto done = db.run(
      "INSERT INTO developer (id, email, display_name, status, email_verified, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET email = excluded.email, "
      "display_name = excluded.display_name, status = excluded.status, "
      "email_verified = excluded.email_verified, created_us = excluded.created_us",
      d.id, d.email, d.display_name, to_string(d.status), d.email_verified, d.created_us);
  if (done) done = db.run("DELETE FROM developer_account WHERE developer_id = ?", d.id);
  for (std::size_t n = 0; done && n < d.accounts.size(); ++n) {
    done = db.run(
        "INSERT INTO developer_account (developer_id, n, account_id, owner) VALUES (?, ?, ?, ?)",
        d.id, n, d.accounts[n].account, d.accounts[n].owner);
  }
  return done;
}

Result<void> put(Database& db, const Application& a) {
  return db.run(
      "INSERT INTO application (id, account_id, name, description, status, created_by, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "account_id = excluded.account_id, name = excluded.name, "
      "description = excluded.description, status = excluded.status, "
      "created_by = excluded.created_by, created_us = excluded.created_us",
      a.id, a.account, a.name, a.description, to_string(a.status), a.created_by, a.created_us);
}

Result<void> put(Database& db, const Plan& p) {
  auto done = db.run(
      "INSERT INTO plan (id, name, status, rate_per_second, burst, quota, quota_period, "
      "concurrency, priority, needs_review, keys_per_application, key_lifetime_days, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "name = excluded.name, status = excluded.status, "
      "rate_per_second = excluded.rate_per_second, burst = excluded.burst, "
      "quota = excluded.quota, quota_period = excluded.quota_period, "
      "concurrency = excluded.concurrency, priority = excluded.priority, "
      "needs_review = excluded.needs_review, "
      "keys_per_application = excluded.keys_per_application, "
      "key_lifetime_days = excluded.key_lifetime_days, created_us = excluded.created_us",
      p.id, p.name, to_string(p.status), p.limits.rate_per_second, p.limits.burst, p.limits.quota,
      to_string(p.limits.quota_period), p.limits.concurrency, p.priority, p.needs_review,
      p.keys_per_application, p.key_lifetime_days, p.created_us);
  if (done) done = db.run("DELETE FROM plan_opening WHERE plan_id = ?", p.id);
  for (std::size_t n = 0; done && n < p.opens.size(); ++n) {
    const auto& [match, own] = p.opens[n];
    done = db.run(
        "INSERT INTO plan_opening (plan_id, n, api, operation, methods, pattern, rate_per_second, "
        "burst, quota, quota_period) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        p.id, n, match.api, match.operation, joined(match.methods), match.pattern,
        own.rate_per_second, own.burst, own.quota, to_string(own.quota_period));
  }
  return done;
}

Result<void> put(Database& db, const Subscription& s) {
  return db.run(
      "INSERT INTO subscription (id, application_id, plan_id, environment, status, "
      "rate_per_second, burst, quota, quota_period, terms_version, accepted_by, accepted_us, "
      "approved_by, starts_us, ends_us, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "application_id = excluded.application_id, plan_id = excluded.plan_id, "
      "environment = excluded.environment, status = excluded.status, "
      "rate_per_second = excluded.rate_per_second, burst = excluded.burst, "
      "quota = excluded.quota, quota_period = excluded.quota_period, "
      "terms_version = excluded.terms_version, accepted_by = excluded.accepted_by, "
      "accepted_us = excluded.accepted_us, approved_by = excluded.approved_by, "
      "starts_us = excluded.starts_us, ends_us = excluded.ends_us, "
      "created_us = excluded.created_us",
      s.id, s.application, s.plan, to_string(s.environment), to_string(s.status),
      s.overrides.rate_per_second, s.overrides.burst, s.overrides.quota,
      to_string(s.overrides.quota_period), s.terms_version, s.accepted_by, s.accepted_us,
      s.approved_by, s.starts_us, s.ends_us, s.created_us);
}

Result<void> put(Database& db, const ApiKey& k) {
  const std::string networks = joined(k.allowed_networks);
  const std::string_view digest(reinterpret_cast<const char*>(k.digest.data()), k.digest.size());
  return db.run(
      "INSERT INTO api_key (id, subscription_id, environment, status, digest, hint, "
      "not_before_us, expires_us, last_used_us, allowed_networks, rate_per_second, burst, quota, "
      "quota_period, note, weak, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "subscription_id = excluded.subscription_id, environment = excluded.environment, "
      "status = excluded.status, digest = excluded.digest, hint = excluded.hint, "
      "not_before_us = excluded.not_before_us, expires_us = excluded.expires_us, "
      "last_used_us = max(last_used_us, excluded.last_used_us), "
      "allowed_networks = excluded.allowed_networks, "
      "rate_per_second = excluded.rate_per_second, burst = excluded.burst, "
      "quota = excluded.quota, quota_period = excluded.quota_period, note = excluded.note, "
      "weak = excluded.weak, created_us = excluded.created_us",
      k.id, k.subscription, to_string(k.environment), to_string(k.status), Blob{digest}, k.hint,
      k.not_before_us, k.expires_us, k.last_used_us, networks, k.limits.rate_per_second,
      k.limits.burst, k.limits.quota, to_string(k.limits.quota_period), k.note, k.weak,
      k.created_us);
}

Result<void> put(Database& db, const Role& r) {
  auto done = db.run(
      "INSERT INTO role (id, account_id, name, shadow_until_us, created_us) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, name = excluded.name, "
      "shadow_until_us = excluded.shadow_until_us, created_us = excluded.created_us",
      r.id, or_null(r.account), r.name, r.shadow_until_us, r.created_us);
  if (done) done = db.run("DELETE FROM role_permission WHERE role_id = ?", r.id);
  for (std::size_t n = 0; done && n < r.permissions.size(); ++n) {
    const auto& [match, allow] = r.permissions[n];
    done = db.run(
        "INSERT INTO role_permission (role_id, n, api, operation, methods, pattern, allow) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        r.id, n, match.api, match.operation, joined(match.methods), match.pattern, allow);
  }
  if (done) done = db.run("DELETE FROM role_shadow WHERE role_id = ?", r.id);
  for (std::size_t n = 0; done && n < r.shadow.size(); ++n) {
    const auto& [match, allow] = r.shadow[n];
    done = db.run(
        "INSERT INTO role_shadow (role_id, n, api, operation, methods, pattern, allow) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        r.id, n, match.api, match.operation, joined(match.methods), match.pattern, allow);
  }
  return done;
}

Result<void> put(Database& db, const Grant& g) {
  auto done = db.run(
      "INSERT INTO grant_ (id, application_id, account_id, granted_by, status, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "application_id = excluded.application_id, account_id = excluded.account_id, "
      "granted_by = excluded.granted_by, status = excluded.status, "
      "created_us = excluded.created_us",
      g.id, g.application, g.account, g.granted_by, to_string(g.status), g.created_us);
  if (done) done = db.run("DELETE FROM grant_role WHERE grant_id = ?", g.id);
  for (std::size_t n = 0; done && n < g.role_ceiling.size(); ++n) {
    done = db.run("INSERT INTO grant_role (grant_id, n, role_id) VALUES (?, ?, ?)", g.id, n,
                  g.role_ceiling[n]);
  }
  return done;
}

Result<void> put(Database& db, const Workspace& w) {
  return db.run(
      "INSERT INTO workspace (id, account_id, project_name, project_number, billing_cost_centre, "
      "status, is_default, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, "
      "project_name = excluded.project_name, project_number = excluded.project_number, "
      "billing_cost_centre = excluded.billing_cost_centre, status = excluded.status, "
      "is_default = excluded.is_default, created_us = excluded.created_us",
      w.id, w.account, w.project_name, w.project_number, w.billing_cost_centre, to_string(w.status),
      w.is_default, w.created_us);
}

Result<void> put(Database& db, const User& u) {
  const auto folded = fold_username(u.username);
  if (!folded) return fail(ErrorKind::Invalid, "username: not a text that names are made of");
  const std::string networks = joined(u.allowed_networks);
  auto done = db.run(
      "INSERT INTO user (id, account_id, username, folded, verifier, security_version, status, "
      "allowed_networks, first_name, last_name, must_change, last_login_us, created_us) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
      "account_id = excluded.account_id, username = excluded.username, "
      "folded = excluded.folded, verifier = excluded.verifier, "
      "security_version = excluded.security_version, status = excluded.status, "
      "allowed_networks = excluded.allowed_networks, first_name = excluded.first_name, "
      "last_name = excluded.last_name, must_change = excluded.must_change, "
      "last_login_us = max(last_login_us, excluded.last_login_us), created_us = "
      "excluded.created_us",
      u.id, u.account, u.username, *folded, u.verifier, u.security_version, to_string(u.status),
      networks, u.first_name, u.last_name, u.must_change, u.last_login_us, u.created_us);
  if (done) done = db.run("DELETE FROM user_role WHERE user_id = ?", u.id);
  for (std::size_t n = 0; done && n < u.roles.size(); ++n) {
    done = db.run("INSERT INTO user_role (user_id, n, role_id, workspace_id) VALUES (?, ?, ?, ?)",
                  u.id, n, u.roles[n].role, or_null(u.roles[n].workspace));
  }
  return done;
}

Result<void> put(Database& db, const Sender& s) {
  return db.run(
      "INSERT INTO sender (id, account_id, kind, value, status, token, dkim_selector, dkim_kind, "
      "dkim_key, dkim_public, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, kind = excluded.kind, "
      "value = excluded.value, status = excluded.status, token = excluded.token, "
      "dkim_selector = excluded.dkim_selector, dkim_kind = excluded.dkim_kind, "
      "dkim_key = excluded.dkim_key, dkim_public = excluded.dkim_public, "
      "created_us = excluded.created_us",
      s.id, s.account, to_string(s.kind), s.value, to_string(s.status), s.token, s.dkim_selector,
      s.dkim_kind, Blob{s.dkim_key}, s.dkim_public, s.created_us);
}

Result<void> put(Database& db, const SendingRules& r) {
  std::string prefixes;
  for (const std::string& one : r.sms_prefixes) prefixes += (prefixes.empty() ? "" : " ") + one;
  return db.run(
      "INSERT INTO sending_rules (id, per_minute, per_day, sms_per_day, retention_days, "
      "sms_prefixes, sms_country, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (id) DO UPDATE SET per_minute = excluded.per_minute, "
      "per_day = excluded.per_day, sms_per_day = excluded.sms_per_day, "
      "retention_days = excluded.retention_days, sms_prefixes = excluded.sms_prefixes, "
      "sms_country = excluded.sms_country, created_us = excluded.created_us",
      r.id, r.per_minute, r.per_day, r.sms_per_day, r.retention_days, prefixes, r.sms_country,
      r.created_us);
}

// What each alternative of Entity is called and removed with, and when it is put: after what it
// refers to.
struct Kind {
  const char* noun;
  Sql remove;
  int order;
};

const Kind& kind_of(const Entity& entity) {
  static const std::array<Kind, std::variant_size_v<Entity>> kKinds = {{
      {"account", "DELETE FROM account WHERE id = ?", 0},
      {"developer", "DELETE FROM developer WHERE id = ?", 1},
      {"application", "DELETE FROM application WHERE id = ?", 3},
      {"plan", "DELETE FROM plan WHERE id = ?", 2},
      {"subscription", "DELETE FROM subscription WHERE id = ?", 4},
      {"key", "DELETE FROM api_key WHERE id = ?", 5},
      {"grant", "DELETE FROM grant_ WHERE id = ?", 8},
      {"role", "DELETE FROM role WHERE id = ?", 6},
      {"user", "DELETE FROM user WHERE id = ?", 9},
      {"workspace", "DELETE FROM workspace WHERE id = ?", 7},
      {"sender", "DELETE FROM sender WHERE id = ?", 10},
      {"sending rules", "DELETE FROM sending_rules WHERE id = ?", 11},
  }};
  return kKinds[entity.index()];
}

std::uint64_t id_of(const Entity& entity) {
  return std::visit([](const auto& value) { return value.id.value; }, entity);
}

Error explained(const Error& error, const Entity& entity, bool removing) {
  struct Broken {
    std::string_view constraint;  // as SQLite names it
    const char* text;
  };
  static constexpr Broken kBroken[] = {
      {"failed: account.name", "name: there is an account of this name"},
      {"failed: developer.email", "email: there is a developer with this address"},
      {"failed: developer_account.", "accounts: an account is named twice"},
      {"failed: application.account_id, application.name",
       "name: the account has an application of this name"},
      {"failed: plan.name", "name: there is a plan of this name"},
      {"failed: api_key.digest", "digest: this key is there already"},
      {"failed: role.account_id, role.name", "name: the account has a role of this name"},
      {"failed: role.name", "name: the installation has a role of this name"},
      {"failed: workspace.account_id", "is_default: the account has a default workspace"},
      {"failed: sender.account_id", "value: the account has this sender"},
      {"failed: user.account_id, user.folded", "username: the account has a user of this name"},
  };
  if (error.kind != ErrorKind::Conflict) return error;
  const std::string name =
      std::string(kind_of(entity).noun) + " " + hex_upper(id_of(entity)) + ": ";
  if (error.message.find("FOREIGN KEY") != std::string::npos) {
    if (removing) return {ErrorKind::Conflict, name + "others still refer to it"};
    return {ErrorKind::NotFound, name + "it refers to something that is not there"};
  }
  for (const auto& [constraint, text] : kBroken) {
    if (error.message.find(constraint) != std::string::npos) {
      return {ErrorKind::Conflict, name + text};
    }
  }
  return {ErrorKind::Conflict, name + error.message};
}

std::vector<const Entity*> in_order(const std::vector<Entity>& entities) {
  std::vector<const Entity*> ordered;
  ordered.reserve(entities.size());
  for (const Entity& entity : entities) ordered.push_back(&entity);
  // Those of one kind stay as they were given, which is the order of their addresses.
  std::ranges::sort(ordered, {}, [](const Entity* e) { return std::pair(kind_of(*e).order, e); });
  return ordered;
}

template <class T>
constexpr bool kHasMoreLimits = std::is_same_v<T, Account> || std::is_same_v<T, Plan> ||
                                std::is_same_v<T, Subscription> || std::is_same_v<T, ApiKey>;

}  // namespace

Result<void> write_entities(Database& database, const Change& change) {
  for (const Entity* entity : in_order(change.put)) {
    if (id_of(*entity) == 0) return fail(ErrorKind::Invalid, "id: an entity without one");
    auto done = std::visit(
        [&]<class T>(const T& value) {
          auto written = put(database, value);
          if constexpr (kHasMoreLimits<T>) {
            if (written) written = put_more_limits(database, value);
          }
          return written;
        },
        *entity);
    if (!done) return std::unexpected(explained(done.error(), *entity, false));
  }
  auto removed = in_order(change.remove);
  std::ranges::reverse(removed);
  for (const Entity* entity : removed) {
    auto done = database.run(kind_of(*entity).remove, id_of(*entity));
    if (!done) return std::unexpected(explained(done.error(), *entity, true));
  }
  for (const QuotaChange& one : change.quotas) {
    if (auto done = change_mark(database, one); !done) return done;
  }
  for (const Event& event : change.events) {
    auto done = database.run(
        "INSERT INTO event (time_us, kind, subject, account_id, json) VALUES (?, ?, ?, ?, ?)",
        event.time_us, event.kind, event.subject, or_null(event.account), event.json);
    if (!done) return done;
  }
  return {};
}

Result<void> touch_keys(Database& database, std::span<const auth::KeyUse> uses) {
  for (const auth::KeyUse& use : uses) {
    auto done = database.run("UPDATE api_key SET last_used_us = max(last_used_us, ?) WHERE id = ?",
                             use.at_us - use.at_us % kMinute_us, use.key);
    if (!done) return done;
  }
  return {};
}

}  // namespace sallyport::storage
