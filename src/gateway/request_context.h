// All that is known of one request while it passes the doors. One per connection, reset for each of
// its requests. Pointers into tables hold within one turn of the loop only: forget_tables() drops
// them before a suspension, and the chain finds them again after it. On the connection's worker.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "auth/key_check.h"
#include "auth/records.h"
#include "auth/token/proven_tokens.h"
#include "base/id.h"
#include "base/loop.h"
#include "gateway/filter.h"
#include "gateway/router.h"
#include "gateway/shadow_result.h"
#include "http/request.h"
#include "limit/shedder.h"
#include "limit/thresholds.h"

namespace sallyport::gateway {

struct RequestContext {
  RequestContext() = default;
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;
  ~RequestContext() { end_flight(); }

  // Fixed before the chain.
  const http::Request* request = nullptr;
  RouteMatch match;
  Loop* loop = nullptr;
  auth::ProvenTokens* proven = nullptr;  // of the worker

  // Found in tables: good until the next suspension.
  auth::KeyCheck key;
  const auth::UserRecord* user = nullptr;
  const auth::GrantedAccount* grant = nullptr;  // under which the user is acted for

  // Views into the request, and copies.
  std::string_view key_text;
  bool key_in_query = false;
  std::string_view key_name;  // of the header or pair; of the configuration, which stays
  WorkspaceId workspace;
  std::array<limit::Rule, limit::kMaxRules> rules;  // cells stay where they are for ever
  std::size_t rule_count = 0;
  std::uint32_t cost = 1;
  std::string scope;  // of an opening with limits of its own; keeps its capacity

  // For the log; ids, so that they outlive everything.
  AccountId account;  // the application's; once a user is in, the user's
  ApplicationId application;
  SubscriptionId subscription;
  KeyId key_id;
  UserId user_id;  // only once proven, and let in
  std::int64_t decided_us = 0;
  std::int64_t key_used_us = 0;  // wall clock; the key's first request of a minute
  Reason shadow = Reason::Ok;    // what a limit in shadow would have refused with
  std::string_view over;         // whose limit refused: "subscription"
  std::array<limit::Standing, limit::kMaxStandings> standings;  // when they are to be told
  std::size_t standing_count = 0;

  // Counted as in flight: let go by end_flight(), at the latest by the destructor.
  std::array<limit::Cell*, limit::kMaxRules> flying{};
  std::size_t flying_count = 0;
  const limit::Shedder* shedder = nullptr;  // of this worker
  ShadowResult role_shadow;

  // What the user's door remembers over a Wait.
  std::shared_ptr<Pending> hashing;
  auth::Proof hashed;              // what `hashing` is about
  std::int64_t busy_since_us = 0;  // waits for checks of others to end
  bool charged = false;            // to the failure budget, for the check under way
  std::shared_ptr<Pending> proving;
  Digest proved{};                    // the token that `proving` is about,
  auth::KeyHandle proved_with;        // and the key
  std::int64_t token_expires_us = 0;  // of the token that let the user in; 0: it was none
  std::shared_ptr<Pending> raising;
  std::int64_t raise_deadline_us = 0;

  // Of the connection, over its requests: the credential that last succeeded on it.
  auth::Proof familiar;
  KeyId familiar_key;

  const Api& api() const { return *match.host->api; }
  std::span<const limit::Rule> active_rules() const { return {rules.data(), rule_count}; }
  access::Question question() const {
    // A HEAD asks with GET's right too; OPTIONS for what its route does.
    const bool options = request->method == http::Method::Options;
    return {api().index, match.route->operation_index,
            options ? match.route->method : request->method, request->segments};
  }
  WorkspaceId workspace_in(const auth::AccountSlot& slot) const {
    const Route& route = *match.route;
    if (route.workspace_segment == Route::kNoSegment) {
      return {slot.default_workspace.load(std::memory_order_acquire)};
    }
    if (route.workspace_segment >= request->segments.size()) return {};
    // What is no id is no workspace, and then only account-wide roles count.
    return WorkspaceId::parse(request->segments[route.workspace_segment]).value_or(WorkspaceId{});
  }
  std::span<const limit::Standing> told() const { return {standings.data(), standing_count}; }
  void end_flight() {
    while (flying_count > 0) limit::Thresholds::end_flight(*flying[--flying_count]);
  }
  void forget_tables() {
    key = {};
    user = nullptr;
    grant = nullptr;
  }
  // For the connection's next request.
  void reset(const http::Request& next, Loop& own_loop) {
    forget_tables();
    request = &next;
    loop = &own_loop;
    match = {};
    key_text = {};
    key_in_query = false;
    workspace = {};
    rule_count = 0;
    cost = 1;
    shadow = Reason::Ok;
    over = {};
    standing_count = 0;
    end_flight();
    account = {};
    application = {};
    subscription = {};
    key_id = {};
    user_id = {};
    decided_us = 0;
    key_used_us = 0;
    role_shadow = {};
    hashing.reset();
    proving.reset();
    proved_with.reset();
    token_expires_us = 0;
    raising.reset();
    raise_deadline_us = 0;
    busy_since_us = 0;
    charged = false;
  }
};

}  // namespace sallyport::gateway
