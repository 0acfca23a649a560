#include "gateway/application_filter.h"

#include <functional>
#include <utility>

#include "base/encoding.h"
#include "gateway/limit_rules.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

constexpr std::int64_t kAwayRetry_s = 1;
constexpr std::int64_t kShedRetry_s = 2;

}  // namespace

Reason ApplicationFilter::find_key(RequestContext& context) {
  const config::KeyLocations& places = context.api().settings.key;
  context.key_text = {};
  context.key_in_query = false;
  // In two places it may stand if it is the same; twice in one it may not.
  const auto look = [&context](const std::string& name, const auto& holders, auto&& is_named) {
    bool seen = false;
    for (const auto& holder : holders) {
      if (!is_named(holder.name, name)) continue;
      if (std::exchange(seen, true)) return false;
      if (holder.value.empty()) continue;
      if (!context.key_text.empty() && holder.value != context.key_text) return false;
      context.key_text = holder.value;
      context.key_name = name;
    }
    return true;
  };
  for (const std::string& header : places.headers) {
    if (!look(header, context.request->fields, std::equal_to<>{})) return Reason::KeyAmbiguous;
  }
  for (const std::string& query : places.queries) {
    const std::string_view before = context.key_name;
    context.key_name = {};
    if (!look(query, context.request->pairs, equal_ascii_case)) return Reason::KeyAmbiguous;
    context.key_in_query = context.key_in_query || !context.key_name.empty();
    if (context.key_name.empty()) context.key_name = before;
  }
  return context.key_text.empty() ? Reason::KeyMissing : Reason::Ok;
}

Answer ApplicationFilter::on_request(RequestContext& context) const {
  if (const Reason reason = find_key(context); reason != Reason::Ok) return Refusal{reason};
  const std::int64_t now_us = clock_.unix_us();
  context.key = auth::check_key(directory_, context.key_text, context.request->client, now_us);
  Answer answer = admit(context);
  if (std::holds_alternative<Continue>(answer) && context.key.key->touch(now_us)) {
    context.key_used_us = now_us;
  }
  return answer;
}

Answer ApplicationFilter::admit(RequestContext& context) const {
  const auth::KeyCheck& check = context.key;
  if (check.key != nullptr) context.key_id = check.key->id;
  if (check.subscription != nullptr) context.subscription = check.subscription->id;
  if (check.application != nullptr) context.application = check.application->id;
  if (check.account != nullptr) {
    context.account = check.account->id;
    context.workspace = context.workspace_in(*check.account);
  }
  if (check.reason != Reason::Ok) return Refusal{check.reason};
  const auto& only = context.match.host->environment;
  if (only && check.key->environment != *only) return Refusal{Reason::KeyEnvironment};
  const access::Opening opening = policy_.opening(check.plan->id, context.question());
  if (!opening.open && !context.match.route->about_caller()) {
    return Refusal{Reason::NotOpenedByPlan};
  }
  if (context.shedder != nullptr && context.shedder->sheds(check.plan->priority)) {
    return Refusal{Reason::Shed, kShedRetry_s};
  }
  // A limit without its cell cannot be kept: closed, and it is our fault, not the client's.
  if (!collect_rules(context, thresholds_, opening.own))
    return Refusal{Reason::StoreAway, kAwayRetry_s};
  return Continue{};
}

}  // namespace sallyport::gateway
