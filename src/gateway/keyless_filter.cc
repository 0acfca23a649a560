#include "gateway/keyless_filter.h"

#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

constexpr std::int64_t kAwayRetry_s = 1;

}  // namespace

Answer KeylessFilter::on_request(RequestContext& context) const {
  context.rule_count = 0;
  context.account = {};  // nobody's yet, also when a user was found before a wait
  const config::Api& api = context.api().settings;
  if (api.total.empty()) return Continue{};
  limit::Cell* cell = thresholds_.find_api(api.name);
  if (cell == nullptr) return Refusal{Reason::StoreAway, kAwayRetry_s};
  limit::Rule& rule = context.rules[context.rule_count++];
  rule = {cell, api.total, Reason::ServiceOverRate, limit::Holder::Api, false, 0};
  return Continue{};
}

}  // namespace sallyport::gateway
