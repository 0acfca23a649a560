#include "server/upkeep.h"

#include <fmt/format.h>

#include <future>
#include <utility>

#include "base/log.h"

namespace sallyport::server {
namespace {

constexpr std::uint64_t kTicksPerSecond = 10;
constexpr std::uint64_t kTicksPerHighWater = 100;  // ten seconds between two marks of the time
constexpr std::chrono::seconds kPatience{2};       // with a worker that hangs

}  // namespace

limit::Settings limit_settings(const config::Config& config) {
  return {config.thresholds.quota_events, config.thresholds.pool};
}

Upkeep::OfWorker& Upkeep::attach(Worker& worker, std::chrono::microseconds shed_after) {
  OfWorker& one = *workers_.emplace_back(std::make_unique<OfWorker>(worker, shed_after));
  worker.on_lag([&one](std::int64_t lag_us) { one.shedder.tick(lag_us); });
  worker.on_tick([this, &one] { tick(one); });
  return one;
}

void Upkeep::tick(OfWorker& one) {
  const bool second = ++one.ticks % kTicksPerSecond == 0;
  if (&one == workers_.front().get()) {
    thresholds_.sweep();
    if (second) note_time(one.ticks);
  }
  if (second) store_.end_idle_reads();
  if (one.usage.due()) flush(one.usage);
}

void Upkeep::note_time(std::uint64_t ticks) {
  const DurableClock::Tick tick = clock_.tick();
  if (tick.jumped_us != 0) {
    log::error(
        fmt::format("the machine's clock jumped {} s forward, and the monotonic clock does "
                    "not confirm it: quotas and expiry go by the new time",
                    tick.jumped_us / 1'000'000));
  }
  if (ticks % kTicksPerHighWater == 0 || tick.jumped_us != 0) {
    store_.raise_high_water_soon(tick.high_water_us);
  }
}

void Upkeep::flush(limit::UsageTally& tally) {
  if (tally.empty()) return;
  std::vector<limit::UsageRow> rows = tally.drain();
  const std::size_t count = rows.size();
  store_.add_usage(std::move(rows), [this, count](const Result<void>& done) {
    if (!done) rows_lost_.fetch_add(count, std::memory_order_relaxed);
  });
}

void Upkeep::stop() {
  for (const auto& one : workers_) flush(one->usage);
  if (auto noted = store_.raise_high_water_us(clock_.unix_us()); !noted) {
    log::error("the time could not be noted: " + noted.error().message);
  }
  if (auto settled = thresholds_.settle(); !settled) {
    log::error("quotas could not be settled: " + settled.error().message);
  }
}

// A worker's turn, then the store's: its queue is in order, so what was flushed is in what is read.
Result<std::vector<limit::UsageRow>> Upkeep::usage(const limit::UsageQuery& query) {
  std::vector<std::future<void>> flushed;
  for (const auto& one : workers_) {
    auto done = std::make_shared<std::promise<void>>();
    flushed.push_back(done->get_future());
    one->worker.post([this, counted = &one->usage, done] {
      flush(*counted);
      store_.add_usage({}, [done](const Result<void>&) { done->set_value(); });
    });
  }
  for (const std::future<void>& one : flushed) one.wait_for(kPatience);
  return store_.usage(query);
}

void Upkeep::register_readings(telemetry::Metrics& metrics) {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const limit::Shedder& shedder = workers_[i]->shedder;
    metrics.add_gauge(fmt::format("sallyport_loop_lag_seconds{{worker=\"{}\"}}", i),
                      "How late the worker's loop was for its last tick.",
                      [&shedder] { return static_cast<double>(shedder.lag_us()) / 1e6; });
    metrics.add_gauge(fmt::format("sallyport_shed_level{{worker=\"{}\"}}", i),
                      "How many classes of priority are refused, the lowest first.",
                      [&shedder] { return static_cast<double>(shedder.level()) / 100; });
  }
  metrics.add_counter("sallyport_threshold_cells_shared_total",
                      "Users and source networks for whom there was no cell of their own.",
                      [this] { return static_cast<double>(thresholds_.pool_shared()); });
  metrics.add_counter("sallyport_clock_jumps_total",
                      "Jumps of the machine's clock that the monotonic clock did not confirm.",
                      [this] { return static_cast<double>(clock_.jumps()); });
  metrics.add_counter("sallyport_usage_rows_lost_total", "Rows of usage that could not be written.",
                      [this] { return static_cast<double>(rows_lost_.load()); });
}

}  // namespace sallyport::server
