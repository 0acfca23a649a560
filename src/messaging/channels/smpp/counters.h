// What happens at one bind, for the metrics. Counted on the delivery loop, read by anybody.
#pragma once

#include <atomic>
#include <cstdint>

namespace sallyport::messaging {

struct SmppCounters {
  std::atomic<std::int64_t> bound = 0;   // 1 while it is
  std::atomic<std::int64_t> window = 0;  // submissions on their way
  std::atomic<std::uint64_t> binds = 0;  // made, over all connections
  // Submissions, by how they ended.
  std::atomic<std::uint64_t> accepted = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::atomic<std::uint64_t> deferred = 0;
  std::atomic<std::uint64_t> throttled = 0;
  std::atomic<std::uint64_t> in_doubt = 0;
  // What the SMSC has delivered.
  std::atomic<std::uint64_t> receipts = 0;
  std::atomic<std::uint64_t> incoming = 0;
};

}  // namespace sallyport::messaging
