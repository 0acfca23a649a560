// The first check: TLS or a trusted listener, no cross-site request that may change something, no
// maintenance. Stateless, any worker.
#pragma once

#include "gateway/filter.h"

namespace sallyport::gateway {

class TransportFilter final : public Filter {
 public:
  std::string_view name() const override { return "transport"; }
  Answer on_request(RequestContext& context) const override;
};

}  // namespace sallyport::gateway
