#include "gateway/filter_chain.h"

#include "gateway/request_context.h"

namespace sallyport::gateway {

FilterChain::FilterChain(const Doors& doors)
    : doors_(doors),
      application_(doors.directory, doors.policy, doors.thresholds, doors.clock),
      peek_(doors.thresholds),
      user_(doors.directory, doors.verifier, doors.budget, doors.clock),
      permission_(doors.policy),
      take_(doors.thresholds, doors.clock),
      order_{&transport_, &application_, &peek_, &user_, &permission_, &take_} {}

Answer FilterChain::run(RequestContext& context) const {
  for (const Filter* filter : order_) {
    Answer answer = filter->on_request(context);
    if (!std::holds_alternative<Continue>(answer)) return answer;
  }
  return Continue{};
}

}  // namespace sallyport::gateway
