// One worker's share of forwarding: its pools, its requests under way, and the handlers that routes
// lead to. Made by the composition for each worker before it starts, then used on its thread only;
// goes before the worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "http/exchange.h"
#include "http/readiness.h"
#include "proxy/forwarding.h"
#include "proxy/pool.h"
#include "proxy/request_head.h"
#include "proxy/upstream.h"

namespace sallyport::proxy {

class Proxy {
 public:
  // All outlive it. `upstreams` are those of the configuration, in its order.
  Proxy(const config::Config& config, const std::vector<std::unique_ptr<Upstream>>& upstreams,
        http::ReadinessSource& sockets, const Clock& clock, std::size_t workers,
        const AssertionSigner* signer = nullptr);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // What answers the route; `route` is one of the API's in the configuration.
  http::Handler* handler(const config::Api& api, const config::Route& route);

  void tick();
  // What is under way gives up, and what comes: for a worker whose drain has taken too long.
  void abandon() { abandoned_ = true; }

  // Forwarding's place, for the handlers: taken for one request and given back.
  Forwarding* take();
  void give(Forwarding* forwarding);
  std::size_t under_way() const { return active_.size(); }

 private:
  Pool* pool(std::string_view name);

  const config::Config& config_;
  const Clock& clock_;
  const AssertionSigner* const signer_;
  std::vector<std::unique_ptr<Pool>> pools_;
  std::vector<std::unique_ptr<http::Handler>> handlers_;
  std::vector<std::unique_ptr<Forwarding>> all_;
  std::vector<Forwarding*> free_;
  std::vector<Forwarding*> active_;
  bool abandoned_ = false;
};

}  // namespace sallyport::proxy
