// What the telemetry listener answers: /metrics, /healthz, /readyz and nothing else. Host must be a
// loopback name or one that the configuration lists, so that no web page can read it through DNS.
// On the telemetry worker's thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "http/exchange.h"
#include "telemetry/metrics.h"

namespace sallyport::server {

class TelemetryEntry final : public http::Entry {
 public:
  // Both outlive the entry. `ready` is false before the listeners are open and while draining.
  TelemetryEntry(const telemetry::Metrics& metrics, const std::atomic<bool>& ready,
                 std::vector<std::string> hosts);
  std::unique_ptr<http::Exchange> open() override;

 private:
  const telemetry::Metrics& metrics_;
  const std::atomic<bool>& ready_;
  std::vector<std::string> hosts_;
};

}  // namespace sallyport::server
