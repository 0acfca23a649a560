// What a connection hands its requests to: route, doors, handler, answer, log. One Gateway per
// worker, on its thread only; one Exchange per connection, whose state is used again for each of
// its requests. Nothing fails: what goes wrong is an answer with a reason.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "auth/key_uses.h"
#include "auth/token/proven_tokens.h"
#include "base/clock.h"
#include "base/loop.h"
#include "gateway/filter_chain.h"
#include "gateway/router.h"
#include "http/exchange.h"
#include "limit/shedder.h"
#include "limit/usage.h"
#include "telemetry/access_log.h"
#include "telemetry/metrics.h"

namespace sallyport::gateway {

class Gateway final : public http::Entry {
 public:
  // All but the router outlive the gateway and its exchanges; the chain is shared by the workers.
  // Without a shedder nobody is shed, without a tally nothing is rolled up.
  Gateway(std::shared_ptr<const Router> router, const FilterChain& chain, const Clock& clock,
          Loop& loop, telemetry::AccessLog& log, telemetry::Shard& shard,
          const limit::Shedder* shedder = nullptr, limit::UsageTally* usage = nullptr)
      : router_(std::move(router)),
        chain_(chain),
        clock_(clock),
        loop_(loop),
        log_(log),
        shard_(shard),
        shedder_(shedder),
        usage_(usage) {}

  std::unique_ptr<http::Exchange> open() override;
  // For requests that begin from now on; those under way end with the router they began with.
  void use(std::shared_ptr<const Router> router) { router_ = std::move(router); }

  // Keys that were used since it was last emptied, each once a minute. From the worker's tick.
  std::vector<auth::KeyUse>& key_uses() { return key_uses_; }

 private:
  friend class GatewayExchange;
  std::shared_ptr<const Router> router_;
  const FilterChain& chain_;
  const Clock& clock_;
  Loop& loop_;
  telemetry::AccessLog& log_;
  telemetry::Shard& shard_;
  std::vector<auth::KeyUse> key_uses_;
  auth::ProvenTokens proven_;
  const limit::Shedder* shedder_;  // none: nobody is shed
  limit::UsageTally* usage_;       // none: nothing is rolled up
};

}  // namespace sallyport::gateway
