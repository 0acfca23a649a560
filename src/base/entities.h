// The entities of the gateway's model as plain values: what the store keeps, what administrators
// change and what the doors compile into their tables. docs/model in docs/architecture.md.
// Times are microseconds since 1970 UTC; 0 means "not set". Limits: nullopt unlimited, 0 blocks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/limits.h"
#include "base/net.h"
#include "base/sender.h"
#include "base/status.h"

namespace sallyport {

using Digest = std::array<std::uint8_t, 32>;

enum class Environment : std::uint8_t { Live, Test };
std::string_view to_string(Environment environment);
std::optional<Environment> parse_environment(std::string_view text);

// What a plan opens and what a role permits are written the same way: by operation of the engine
// ("messages.create", "*" = every one), or by methods and a path pattern.
struct Match {
  std::string api;                   // name of a configured API; "*" = every one
  std::string operation;             // empty when methods and pattern are given
  std::vector<std::string> methods;  // upper case; "*" = every one
  std::string pattern;               // "/x/{id}/**"; empty when an operation is given
  bool operator==(const Match&) const = default;
};

struct Account {
  AccountId id;
  std::string name;
  Status status = Status::Active;
  std::string time_zone = "UTC";
  std::int64_t created_us = 0;
  bool demo = false;   // made by `init --demo`: keeps the server on loopback
  Limits limits = {};  // rates of all its applications together
};

struct DeveloperMembership {
  AccountId account;
  bool owner = false;
};
struct Developer {
  DeveloperId id;
  std::string email;
  std::string display_name;
  Status status = Status::Active;
  bool email_verified = false;
  std::vector<DeveloperMembership> accounts;
  std::int64_t created_us = 0;
};

struct Application {
  ApplicationId id;
  AccountId account;
  std::string name;
  std::string description;
  Status status = Status::Active;
  std::int64_t created_us = 0;
  std::string created_by;
};

struct PlanOpening {
  Match match;
  Limits own;  // its own rate and quota, when set
};
struct Plan {
  PlanId id;
  std::string name;
  Status status = Status::Active;
  Limits limits;
  std::int32_t priority = 0;  // under overload the lowest is refused first
  Limits shadow = {};         // counted and reported beside the others, never enforced
  bool needs_review = false;
  std::optional<std::uint32_t> keys_per_application;
  std::optional<std::uint32_t> key_lifetime_days;
  std::vector<PlanOpening> opens;
  std::int64_t created_us = 0;
};

struct Subscription {
  SubscriptionId id;
  ApplicationId application;
  PlanId plan;
  Environment environment = Environment::Live;
  Status status = Status::Active;
  Limits overrides;
  std::string terms_version;
  std::string accepted_by;
  std::int64_t accepted_us = 0;
  std::string approved_by;
  std::int64_t starts_us = 0;
  std::int64_t ends_us = 0;
  std::int64_t created_us = 0;
};

struct ApiKey {
  KeyId id;
  SubscriptionId subscription;
  Environment environment = Environment::Live;
  Status status = Status::Active;
  Digest digest{};  // SHA-256 of the whole key
  std::string hint;
  std::int64_t not_before_us = 0;
  std::int64_t expires_us = 0;
  std::int64_t last_used_us = 0;
  std::vector<Network> allowed_networks;  // empty = everywhere
  Limits limits;                          // may only lower
  std::string note;
  bool weak = false;
  std::int64_t created_us = 0;
};

struct Grant {
  GrantId id;
  ApplicationId application;
  AccountId account;
  std::string granted_by;
  std::vector<RoleId> role_ceiling;
  Status status = Status::Active;
  std::int64_t created_us = 0;
};

struct Permission {
  Match match;
  bool allow = true;  // a denial wins over every permission
  bool operator==(const Permission&) const = default;
};
struct Role {
  RoleId id;
  AccountId account;  // none = the whole installation
  std::string name;
  std::vector<Permission> permissions;
  std::int64_t created_us = 0;
  // A candidate for `permissions`, asked beside them until then, without effect; 0 = there is none.
  std::vector<Permission> shadow = {};
  std::int64_t shadow_until_us = 0;
};

struct RoleAssignment {
  RoleId role;
  WorkspaceId workspace;  // none = account-wide
  bool operator==(const RoleAssignment&) const = default;
};
struct User {
  UserId id;
  AccountId account;
  std::string username;                // as written; compared after NFC and case folding
  std::string verifier;                // "$argon2id$..." or "$sha256$<hex>" of a generated password
  std::uint64_t security_version = 1;  // raised by each change that ends proofs and tokens
  Status status = Status::Active;
  std::vector<RoleAssignment> roles;
  std::vector<Network> allowed_networks;
  std::string first_name;
  std::string last_name;
  bool must_change = false;
  std::int64_t last_login_us = 0;
  std::int64_t created_us = 0;
};

struct Workspace {
  WorkspaceId id;
  AccountId account;
  std::string project_name;
  std::string project_number;
  std::string billing_cost_centre;
  Status status = Status::Active;  // Active "A", Disabled "D"
  bool is_default = false;         // the one behind "/messages": one per account
  std::int64_t created_us = 0;
};

struct Event {
  std::string kind;  // "key.created", "quota.over", ...
  std::string subject;
  AccountId account;
  std::string json = "{}";
  std::int64_t time_us = 0;
};

using Entity = std::variant<Account, Developer, Application, Plan, Subscription, ApiKey, Grant,
                            Role, User, Workspace, Sender, SendingRules>;

struct Entities {
  std::vector<Account> accounts;
  std::vector<Developer> developers;
  std::vector<Application> applications;
  std::vector<Plan> plans;
  std::vector<Subscription> subscriptions;
  std::vector<ApiKey> keys;
  std::vector<Grant> grants;
  std::vector<Role> roles;
  std::vector<User> users;
  std::vector<Workspace> workspaces;
  std::vector<Sender> senders;
  std::vector<SendingRules> sending_rules;
};

struct AuditEntry {
  std::int64_t time_us = 0;
  std::string actor;        // "uid 0", "init"
  std::string action;       // "key.revoke"
  std::string subject;      // "key 01AB..."
  std::string json = "{}";  // what changed, without secrets
};

// What one administrative act changes, all or nothing.
struct Change {
  std::vector<Entity> put;  // inserted, or replaced whole by id
  std::vector<Entity> remove;
  std::vector<Event> events;
  AuditEntry audit;
  std::vector<QuotaChange> quotas = {};
};

}  // namespace sallyport
