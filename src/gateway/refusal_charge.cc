#include "gateway/refusal_charge.h"

#include <utility>

#include "base/net.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

std::uint64_t source_of(const RequestContext& context) {
  return source_network(context.request->client);
}

}  // namespace

bool RefusalCharge::spent(const RequestContext& context) const {
  return !context.charged && budget_.spent(context.key_id, source_of(context));
}

bool RefusalCharge::charge(RequestContext& context) const {
  if (!context.charged) context.charged = budget_.charge(context.key_id, source_of(context));
  return context.charged;
}

void RefusalCharge::refund(RequestContext& context) const {
  if (std::exchange(context.charged, false)) budget_.refund(context.key_id, source_of(context));
}

Rejected RefusalCharge::over_budget(const RequestContext& context) const {
  return {Reason::TooManyFailures, budget_.retry_after_s(context.key_id, source_of(context))};
}

}  // namespace sallyport::gateway
