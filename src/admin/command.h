// What an operator asks for and what is answered, and what carrying it out needs from the rest of
// the system. Values and plain functions; Commands uses them on the control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/coverage.h"
#include "auth/token/signing_keys.h"
#include "base/clock.h"
#include "base/entities.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "limit/rule.h"
#include "limit/usage.h"
#include "messaging/operator_store.h"

namespace sallyport::admin {

constexpr int kDone = 0;
constexpr int kRefused = 1;   // refused or failed
constexpr int kBadUsage = 2;  // the command itself is wrong

struct CommandRequest {
  std::vector<std::string> words;                           // {"key", "create"}, then the name
  std::map<std::string, std::vector<std::string>> options;  // "network" -> values, flags -> {""}
  std::map<std::string, std::string> secrets;               // from stdin or a prompt: "password"
  std::string actor;                                        // "uid 0"; set by who knows the peer
};

struct CommandReply {
  int exit_code = kDone;
  std::string text;   // for people, lines
  std::string json;   // the same for programs
  std::string error;  // one line, without "sallyport: "
};

// A new key or password: what is shown once, and what is stored.
struct NewKey {
  KeyId id;
  Secret text;
  Digest digest{};
  std::string hint;
};
struct NewPassword {
  Secret text;
  std::string verifier;
};

struct ExplainRequest {
  std::string method;
  std::string host;
  std::string path;
  std::optional<KeyId> key;           // by id, or
  std::optional<std::string> secret;  // the key itself
  std::optional<std::string> user;    // name or id; proven for the sake of the question
};
struct Explanation {
  bool admitted = false;
  std::string text;  // each filter's answer and the rule behind it, a line each
  std::string json;
};

struct ReloadReport {
  std::uint64_t generation = 0;
  std::vector<std::string> takes_restart;
};

struct Unlock {
  AccountId account;
  std::string folded;  // the user's name as it is compared
  std::optional<IpAddress> source;
};

// What `role test` asks: of these roles, or with the candidates beside them.
struct RoleQuestion {
  AccountId account;
  std::vector<RoleAssignment> roles;
  WorkspaceId default_workspace;
  WorkspaceId workspace;     // of a question by operation
  std::string api;           // empty: the first one
  std::string method, path;  // or:
  std::string operation;
  bool shadow = false;
  std::int64_t now_us = 0;
};
struct RoleAnswer {
  bool allowed = false;
  std::string rule;       // the one behind it, for people
  std::string operation;  // of the route
  WorkspaceId workspace;  // that the path names, or the default one
};

struct CommandServices {
  std::function<Result<std::string>(std::string_view password)> hash_password;  // slow, 20 ms
  std::function<Result<NewKey>(Environment)> generate_key;
  std::function<Result<NewPassword>()> generate_password;  // 190 bits, stored as SHA-256
  // Why a pattern can never match, or nothing.
  std::function<Result<void>(std::string_view pattern)> check_pattern;
  std::function<Result<Explanation>(const ExplainRequest&)> explain;
  // Configuration and certificates again; empty where no server runs.
  std::function<Result<ReloadReport>()> reload;
  // The keys that sign tokens: as they lie in DIR/secrets, and changed there and in force.
  std::function<Result<auth::SigningKeys>()> signing_keys;
  std::function<Result<void>(const auth::SigningKeys&)> put_signing_keys;
  config::Tokens tokens;
  // The messages; nullptr where there are none. What changes them is called out to the scheduler.
  messaging::OperatorStore* messages = nullptr;
  std::function<void()> wake_scheduler;
  std::string data_directory;  // where the store key is
  // Forgets what failed at a user's name, or from a source; none: no server, so nothing is locked.
  std::function<void(const Unlock&)> unlock;
  // How a subscription's quota stands; `scope` as in limit/quota_store.h.
  std::function<Result<limit::QuotaLook>(SubscriptionId, std::string_view scope, const Limits&)>
      look_at_quota;
  std::function<Result<std::vector<limit::UsageRow>>(const limit::UsageQuery&)> usage;
  std::vector<std::pair<std::string, Limits>> api_totals;  // of the configuration
  std::function<Result<RoleAnswer>(const RoleQuestion&)> ask_roles;
  std::vector<access::RouteShape> routes;  // of the APIs; empty = not checked
  std::vector<std::string> apis;           // configured names; empty = not checked
  std::vector<std::string> operations;     // of the engine; empty = not checked
  const Clock* clock = nullptr;
  Random* random = nullptr;
};

}  // namespace sallyport::admin
