#include "proxy/upstreams.h"

#include <algorithm>
#include <utility>

namespace sallyport::proxy {

Result<std::shared_ptr<Upstreams>> Upstreams::open(const config::Config& config, const Clock& clock,
                                                   const Upstreams* before) {
  auto made = std::make_shared<Upstreams>();
  for (const config::Upstream& settings : config.upstreams) {
    std::shared_ptr<Counters> counters;
    if (before != nullptr) {
      const auto old = std::ranges::find_if(before->list_, [&settings](const auto& one) {
        return one->settings().name == settings.name;
      });
      if (old != before->list_.end()) counters = (*old)->shared_counters();
    }
    auto upstream = Upstream::open(settings, clock, std::move(counters));
    if (!upstream) return std::unexpected(upstream.error());
    made->list_.push_back(std::move(*upstream));
  }
  made->resolve();
  return made;
}

void Upstreams::resolve() {
  for (const auto& upstream : list_) {
    if (upstream->has_names()) upstream->resolve();
  }
}

}  // namespace sallyport::proxy
