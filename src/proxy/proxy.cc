#include "proxy/proxy.h"

#include <algorithm>
#include <utility>

#include "proxy/handler.h"

namespace sallyport::proxy {
namespace {

const std::string& first_set(std::initializer_list<const std::string*> names) {
  static const std::string kNone;
  for (const std::string* name : names) {
    if (!name->empty()) return *name;
  }
  return kNone;
}

}  // namespace

Proxy::Proxy(const config::Config& config, const std::vector<std::unique_ptr<Upstream>>& upstreams,
             http::ReadinessSource& sockets, const Clock& clock, std::size_t workers,
             const AssertionSigner* signer)
    : config_(config), clock_(clock), signer_(signer) {
  for (const auto& upstream : upstreams) {
    pools_.push_back(std::make_unique<Pool>(*upstream, sockets, clock, workers));
  }
}

Proxy::~Proxy() = default;

Pool* Proxy::pool(std::string_view name) {
  const auto found = std::ranges::find_if(pools_, [name](const std::unique_ptr<Pool>& one) {
    return one->upstream().settings().name == name;
  });
  return found == pools_.end() ? nullptr : found->get();
}

http::Handler* Proxy::handler(const config::Api& api, const config::Route& route) {
  std::vector<ForwardHandler::Choice> choices;
  for (const config::VirtualHost& host : api.hosts) {
    const std::string& live =
        first_set({&route.upstream.live, &host.upstream.live, &api.upstream.live});
    const std::string& test =
        first_set({&route.upstream.test, &host.upstream.test, &api.upstream.test, &live});
    choices.push_back({host.host, pool(live), pool(test)});
  }
  handlers_.push_back(std::make_unique<ForwardHandler>(
      *this, api, route, std::move(choices), route.body_bytes.value_or(config_.limits.body_bytes)));
  return handlers_.back().get();
}

void Proxy::tick() {
  const std::int64_t now_us = clock_.monotonic_us();
  // One that expires may end and leave the list: from the back, where the last one takes its place.
  for (std::size_t i = active_.size(); i-- > 0;) {
    if (i >= active_.size()) continue;
    if (abandoned_) active_[i]->abandon();
    active_[i]->tick(now_us);
  }
  for (const auto& pool : pools_) {
    pool->tick(now_us);
    pool->upstream().count_usable();
  }
}

Forwarding* Proxy::take() {
  if (free_.empty()) {
    free_.push_back(all_.emplace_back(std::make_unique<Forwarding>(clock_, signer_)).get());
    active_.reserve(all_.size());
    free_.reserve(all_.size());
  }
  Forwarding* forwarding = free_.back();
  free_.pop_back();
  active_.push_back(forwarding);
  return forwarding;
}

void Proxy::give(Forwarding* forwarding) {
  forwarding->finish();
  const auto place = std::ranges::find(active_, forwarding);
  SALLYPORT_CHECK(place != active_.end());
  *place = active_.back();
  active_.pop_back();
  free_.push_back(forwarding);
}

}  // namespace sallyport::proxy
