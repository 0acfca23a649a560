// What counting needs beside the requests, from the workers' ticks: usage is written, overload is
// noticed, the time that quotas rely on is noted, and what is idle gives back what it holds: cells
// and read transactions. Owned by the server.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/durable_clock.h"
#include "config/config.h"
#include "limit/shedder.h"
#include "limit/thresholds.h"
#include "limit/usage.h"
#include "server/worker.h"
#include "storage/store.h"
#include "telemetry/metrics.h"

namespace sallyport::server {

limit::Settings limit_settings(const config::Config& config);

class Upkeep {
 public:
  // What a worker counts with, on its thread.
  struct OfWorker {
    OfWorker(Worker& owner, std::chrono::microseconds shed_after)
        : worker(owner), shedder(shed_after.count()) {}
    Worker& worker;
    limit::Shedder shedder;
    limit::UsageTally usage;
    std::uint64_t ticks = 0;
  };

  Upkeep(storage::Store& store, DurableClock& clock, limit::Thresholds& thresholds)
      : store_(store), clock_(clock), thresholds_(thresholds) {}

  // Before the worker starts; what it returns lives as long as this.
  OfWorker& attach(Worker& worker, std::chrono::microseconds shed_after);
  void register_readings(telemetry::Metrics& metrics);  // after the last attach()
  // From the control thread: what the workers have counted is written first. Blocks.
  Result<std::vector<limit::UsageRow>> usage(const limit::UsageQuery& query);
  // After the workers have ended: everything is written, and marks become what was really used.
  void stop();

 private:
  void tick(OfWorker& one);
  void flush(limit::UsageTally& tally);
  void note_time(std::uint64_t ticks);

  storage::Store& store_;
  DurableClock& clock_;
  limit::Thresholds& thresholds_;
  std::vector<std::unique_ptr<OfWorker>> workers_;
  std::atomic<std::uint64_t> rows_lost_ = 0;
};

}  // namespace sallyport::server
