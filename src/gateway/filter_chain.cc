#include "gateway/filter_chain.h"

#include "gateway/request_context.h"

namespace sallyport::gateway {

FilterChain::FilterChain(const Doors& doors)
    : doors_(doors),
      application_(doors.directory, doors.policy, doors.thresholds, doors.clock),
      keyless_(doors.thresholds),
      peek_(doors.thresholds),
      user_(doors.directory, doors.verifier, doors.budget, doors.guesses, doors.sources,
            doors.signatures, doors.clock),
      permission_(doors.policy, doors.clock),
      take_(doors.thresholds, doors.clock),
      key_and_user_{&transport_, &application_, &peek_, &user_, &permission_, &take_},
      key_only_{&transport_, &application_, &take_},
      user_only_{&transport_, &keyless_, &peek_, &user_, &permission_, &take_},
      none_{&transport_, &keyless_, &take_} {}

std::span<const Filter* const> FilterChain::filters(config::Doors doors) const {
  switch (doors) {
    case config::Doors::KeyAndUser: return key_and_user_;
    case config::Doors::KeyOnly: return key_only_;
    case config::Doors::UserOnly: return user_only_;
    case config::Doors::None: return none_;
  }
  return key_and_user_;
}

Answer FilterChain::run(RequestContext& context) const {
  for (const Filter* filter : filters(context.match.route->access.doors)) {
    Answer answer = filter->on_request(context);
    if (!std::holds_alternative<Continue>(answer)) return answer;
  }
  return Continue{};
}

}  // namespace sallyport::gateway
