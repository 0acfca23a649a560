// The upstreams of one configuration, shared by all workers that serve under it.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "proxy/upstream.h"

namespace sallyport::proxy {

class Upstreams {
 public:
  // On the control thread: reads files and looks names up. An upstream counts on from the one of
  // its name in `before`, which may be null.
  static Result<std::shared_ptr<Upstreams>> open(const config::Config& config, const Clock& clock,
                                                 const Upstreams* before);

  const std::vector<std::unique_ptr<Upstream>>& list() const { return list_; }
  void resolve();  // blocks; not on a worker

 private:
  std::vector<std::unique_ptr<Upstream>> list_;
};

}  // namespace sallyport::proxy
