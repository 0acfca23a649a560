// Asks the endpoints of each upstream that has a health path how they are, over connections of its
// own. One for the process, on one worker, whose tick drives it; the result is in the Upstream, for
// all. What cannot be asked is not well.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "http/readiness.h"
#include "proxy/link.h"
#include "proxy/upstream.h"

namespace sallyport::proxy {

class HealthChecks {
 public:
  // All outlive it.
  HealthChecks(const std::vector<std::unique_ptr<Upstream>>& upstreams,
               http::ReadinessSource& sockets, const Clock& clock);
  ~HealthChecks();
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;

  void tick();

 private:
  struct Check {
    Upstream* upstream = nullptr;
    std::size_t endpoint = 0;
    std::int64_t due_us = 0;
    std::int64_t deadline_us = 0;
    bool expired = false;
    std::unique_ptr<Link> link;
    Task<void> task;
  };
  Task<void> run(Check* check);
  Task<bool> ask(Check* check);

  http::ReadinessSource& sockets_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Check>> checks_;
};

}  // namespace sallyport::proxy
