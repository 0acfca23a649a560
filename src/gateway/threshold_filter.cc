#include "gateway/threshold_filter.h"

#include "gateway/limit_rules.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

// How long a request may wait in all for quota marks: a healthy store takes milliseconds.
constexpr std::int64_t kRaiseDeadlineUs = 5'000'000;

Refusal refusal_of(RequestContext& context, const limit::Decision& decision) {
  context.decided_us = decision.decided_us;
  if (decision.reason != Reason::StoreAway) context.over = limit::to_string(decision.holder);
  return {decision.reason, decision.retry_after_s, decision.period};
}

void note_standings(RequestContext& context, const limit::Thresholds& thresholds, bool refused) {
  const config::Api& api = context.api().settings;
  const bool told = api.limit_fields || (refused && api.profile == config::Profile::Modern);
  if (told)
    context.standing_count = thresholds.standings(context.active_rules(), context.standings);
}

}  // namespace

Answer ThresholdPeekFilter::on_request(RequestContext& context) const {
  const limit::Decision decision = thresholds_.peek(context.active_rules(), context.cost);
  if (decision.kind != limit::Decision::Kind::Refused) return Continue{};
  note_standings(context, thresholds_, true);
  return refusal_of(context, decision);
}

Answer ThresholdTakeFilter::on_request(RequestContext& context) const {
  add_personal_rules(context, thresholds_);
  const std::span<limit::Rule> rules(context.rules.data(), context.rule_count);
  limit::Decision decision;
  do {
    thresholds_.claim(rules);
    decision = thresholds_.take(rules, context.cost);
  } while (decision.kind == limit::Decision::Kind::Moved);
  if (decision.kind == limit::Decision::Kind::Refused) {
    note_standings(context, thresholds_, true);
    return refusal_of(context, decision);
  }
  context.decided_us = decision.decided_us;
  if (decision.kind == limit::Decision::Kind::Admitted) {
    for (const limit::Rule& rule : rules) {
      if (rule.limits.concurrency && !rule.shadow) {
        context.flying[context.flying_count++] = rule.cell;
      }
    }
    context.shadow = decision.shadow;
    note_standings(context, thresholds_, false);
    return Continue{};
  }
  context.raising = std::make_shared<Pending>();
  if (context.raise_deadline_us == 0) {
    context.raise_deadline_us = clock_.monotonic_us() + kRaiseDeadlineUs;
  }
  thresholds_.when_raised(decision.waiting_for, *context.loop,
                          [pending = context.raising] { pending->finish(); });
  return Wait{context.raising, context.raise_deadline_us, Reason::StoreAway};
}

}  // namespace sallyport::gateway
