#include "proxy/pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sallyport::proxy {
namespace {

constexpr std::int64_t kOneRetry = 100;
// A worker keeps less than two batches that it does not need: an eighth of all, for all workers.
constexpr std::size_t kBatches = 16;
// What is always free, and what a quiet time may save up.
constexpr std::int64_t kMostRetries = 10 * kOneRetry;

}  // namespace

Pool::Pool(Upstream& upstream, http::ReadinessSource& sockets, const Clock& clock,
           std::size_t workers)
    : upstream_(upstream),
      sockets_(sockets),
      clock_(clock),
      batch_(static_cast<std::uint32_t>(std::clamp<std::size_t>(
          upstream.settings().max_in_flight / (kBatches * workers), 1, 64))),
      budget_(kMostRetries),
      endpoints_(upstream.size()) {
  for (Endpoint& endpoint : endpoints_) {
    endpoint.idle.reserve(std::min<std::uint32_t>(upstream.settings().kept_connections, 1024));
  }
}

bool Pool::enter() {
  if (in_flight_ == permits_) {
    const std::uint32_t taken = upstream_.take_permits(batch_);
    if (taken == 0) return false;
    permits_ += taken;
  }
  ++in_flight_;
  budget_ = std::min<std::int64_t>(budget_ + upstream_.settings().retry_percent, kMostRetries);
  return true;
}

void Pool::leave() {
  --in_flight_;
  if (permits_ - in_flight_ < 2 * batch_ - 1) return;
  permits_ -= batch_;
  upstream_.give_permits(batch_);
}

std::optional<std::size_t> Pool::pick(std::optional<std::size_t> avoid) {
  const std::int64_t now_us = clock_.coarse_us();
  const std::size_t count = endpoints_.size();
  const bool fewest = upstream_.settings().balance == config::Balance::LeastRequest;
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t one = (next_ + i) % count;
    if (!upstream_.is_usable(one, now_us)) continue;
    if (avoid && *avoid == one) continue;
    if (!best || endpoints_[one].in_flight < endpoints_[*best].in_flight) best = one;
    if (!fewest) break;
  }
  if (!best && avoid && upstream_.is_usable(*avoid, now_us)) best = avoid;
  if (best) next_ = *best + 1;
  return best;
}

std::unique_ptr<Link> Pool::take(std::size_t endpoint) {
  auto& idle = endpoints_[endpoint].idle;
  while (!idle.empty()) {
    std::unique_ptr<Link> link = std::move(idle.back());  // its memory is the warmest
    idle.pop_back();
    if (link->is_quiet()) return link;
    note_end(*link);
  }
  return nullptr;
}

// The peer has closed it, or has said what nobody asked for: an answer too many must never be taken
// for the next one's.
void Pool::note_end(const Link& link) {
  if (link.received().empty()) return;
  upstream_.note_surplus(link.endpoint(), clock_.monotonic_us());
}

std::unique_ptr<Link> Pool::open(std::size_t endpoint) {
  upstream_.counters().connects.fetch_add(1, std::memory_order_relaxed);
  return open_link(upstream_, endpoint, sockets_);
}

void Pool::keep(std::unique_ptr<Link> link) {
  auto& idle = endpoints_[link->endpoint()].idle;
  if (!link->is_quiet()) {
    note_end(*link);
    return;
  }
  if (idle.size() >= upstream_.settings().kept_connections) return;
  const std::int64_t now_us = clock_.coarse_us();
  if (!upstream_.is_trusted(link->endpoint(), now_us)) return;
  link->mark_used(now_us);
  link->shrink();
  idle.push_back(std::move(link));
}

bool Pool::may_retry() {
  if (budget_ < kOneRetry) return false;
  budget_ -= kOneRetry;
  upstream_.counters().retries.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Pool::tick(std::int64_t now_us) {
  const std::int64_t oldest_us = now_us - std::chrono::duration_cast<std::chrono::microseconds>(
                                              upstream_.settings().kept_timeout)
                                              .count();
  for (Endpoint& endpoint : endpoints_) {
    auto& idle = endpoint.idle;
    std::erase_if(idle, [this, oldest_us](const std::unique_ptr<Link>& link) {
      if (link->is_quiet()) return link->idle_since_us() < oldest_us;
      note_end(*link);
      return true;
    });
  }
}

}  // namespace sallyport::proxy
