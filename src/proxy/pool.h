// One worker's side of an upstream: idle connections, whose turn it is, requests in flight, the
// budget for retries. On its worker only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "http/readiness.h"
#include "proxy/link.h"
#include "proxy/upstream.h"

namespace sallyport::proxy {

class Pool {
 public:
  // All outlive it. `workers` share what may be in flight.
  Pool(Upstream& upstream, http::ReadinessSource& sockets, const Clock& clock, std::size_t workers);

  Upstream& upstream() { return upstream_; }

  // The breaker: false when too many are in flight already. Each true is followed by one leave().
  bool enter();
  void leave();

  // The endpoint whose turn it is, of those that may be used; none when there is none.
  // `avoid` is passed over while there is another one.
  std::optional<std::size_t> pick(std::optional<std::size_t> avoid);
  void begin(std::size_t endpoint) { ++endpoints_[endpoint].in_flight; }
  void end(std::size_t endpoint) { --endpoints_[endpoint].in_flight; }

  std::unique_ptr<Link> take(std::size_t endpoint);  // an idle one, or nullptr
  // A new one, connecting; nullptr when not even that could be begun.
  std::unique_ptr<Link> open(std::size_t endpoint);
  void keep(std::unique_ptr<Link> link);

  // Whether a further try may be made; takes it from the budget.
  bool may_retry();

  void tick(std::int64_t now_us);  // lets go of what has been idle too long

 private:
  struct Endpoint {
    // The one that has rested longest goes first: what an upstream says too late is seen by then.
    std::vector<std::unique_ptr<Link>> idle;
    std::uint32_t in_flight = 0;
  };

  void note_end(const Link& link);

  Upstream& upstream_;
  http::ReadinessSource& sockets_;
  const Clock& clock_;
  // Permits of the breaker are taken and given back in batches, so that workers seldom meet there;
  // in ones where few are allowed.
  std::uint32_t batch_;
  std::uint32_t permits_ = 0;  // this worker's
  std::uint32_t in_flight_ = 0;
  std::size_t next_ = 0;
  std::int64_t budget_;  // in hundredths of a retry
  std::vector<Endpoint> endpoints_;
};

}  // namespace sallyport::proxy
