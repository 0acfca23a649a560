#include "gateway/threshold_filter.h"

#include <algorithm>

#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

// How long a request may wait in all for quota marks: a healthy store takes milliseconds.
constexpr std::int64_t kRaiseDeadlineUs = 5'000'000;

// The limit that is told to the client: the lowest of those that can have refused.
std::uint64_t told_limit(const RequestContext& context, Reason reason) {
  std::uint64_t least = UINT64_MAX;
  for (const limit::Rule& rule : context.active_rules()) {
    if (reason == Reason::OverQuota) {
      if (rule.limits.quota) least = std::min(least, *rule.limits.quota);
    } else if (rule.over_rate == reason && rule.limits.rate_per_second) {
      least = std::min<std::uint64_t>(least, *rule.limits.rate_per_second);
    }
  }
  return least == UINT64_MAX ? 0 : least;
}

Refusal refusal_of(const RequestContext& context, const limit::Decision& decision) {
  return {decision.reason, decision.retry_after_s, decision.period,
          told_limit(context, decision.reason)};
}

}  // namespace

Answer ThresholdPeekFilter::on_request(RequestContext& context) const {
  const limit::Decision decision = thresholds_.peek(context.active_rules());
  if (decision.kind != limit::Decision::Kind::Refused) return Continue{};
  context.decided_us = decision.decided_us;
  return refusal_of(context, decision);
}

Answer ThresholdTakeFilter::on_request(RequestContext& context) const {
  const limit::Decision decision = thresholds_.take(context.active_rules());
  context.decided_us = decision.decided_us;
  if (decision.kind == limit::Decision::Kind::Admitted) return Continue{};
  if (decision.kind == limit::Decision::Kind::Refused) return refusal_of(context, decision);
  context.raising = std::make_shared<Pending>();
  if (context.raise_deadline_us == 0) {
    context.raise_deadline_us = clock_.monotonic_us() + kRaiseDeadlineUs;
  }
  thresholds_.when_raised(decision.waiting_for, *context.loop,
                          [pending = context.raising] { pending->finish(); });
  return Wait{context.raising, context.raise_deadline_us, Reason::StoreAway};
}

}  // namespace sallyport::gateway
