// Counters for Prometheus. One Metrics per process; each worker counts into its own shard of
// relaxed atomics, the telemetry listener adds them up. No label ever names a key, a user or an
// account.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/reason.h"
#include "telemetry/access_log.h"

namespace sallyport::telemetry {

// Written by one worker; read by anybody.
struct Shard {
  explicit Shard(std::size_t apis);
  // [api][reason]; api 0 is "none": the request named no API.
  std::vector<std::atomic<std::uint64_t>> requests;
  std::atomic<std::uint64_t> connections_accepted = 0;
  std::atomic<std::uint64_t> connections_refused = 0;
  std::atomic<std::uint64_t> connections_turned_away = 0;
  std::atomic<std::int64_t> connections_open = 0;
  std::atomic<std::uint64_t> tls_handshakes_failed = 0;
  // Cumulative histogram of durations, upper bounds in kDurationBounds_us, then +Inf.
  std::vector<std::atomic<std::uint64_t>> durations;
  std::atomic<std::uint64_t> duration_sum_us = 0;

  std::vector<std::atomic<std::uint64_t>> shadows;  // [api][Shadow]

  void count_shadow(std::size_t api, Shadow shadow);  // None counts nothing
  void count_request(std::size_t api, Reason reason, std::int64_t duration_us);
};

class Metrics {
 public:
  // Names of APIs that may come in over the process's life, beside those of the start.
  static constexpr std::size_t kRoomForApis = 256;

  // `apis` in the order of configuration; index i + 1 in the shards.
  Metrics(std::vector<std::string> apis, std::size_t workers);
  Shard& shard(std::size_t worker) { return *shards_[worker]; }
  bool has_room_for(std::size_t apis) const;  // that many names in all
  // All names known so far, in their order, and then new ones. Control thread.
  void name_apis(const std::vector<std::string>& apis);

  // A value asked for at each scrape; register before the first.
  void add_gauge(std::string name, std::string help, std::function<double()> read);
  void add_counter(std::string name, std::string help, std::function<double()> read);
  std::string render() const;  // Prometheus text format 0.0.4

 private:
  struct Reading {
    std::string name, help, type;
    std::function<double()> read;
  };
  mutable std::mutex naming_;
  std::vector<std::string> apis_;
  std::size_t room_ = 0;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Reading> readings_;
};

}  // namespace sallyport::telemetry
