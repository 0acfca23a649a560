// How many connections one source has open, over all workers: IPv4 addresses one by one, IPv6 by
// /64. Asked when a connection comes and when it goes, never by a request. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/net.h"

namespace sallyport::http {

class SourceLimit {
 public:
  // 0 = without a limit. For connections from now on.
  void set_most(std::uint32_t most) { most_.store(most, std::memory_order_relaxed); }
  // False: the source has as many as it may; nothing was counted. After true, one leave().
  bool enter(const IpAddress& address);
  void leave(const IpAddress& address);

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint32_t> open;
  };
  Shard& shard_of(std::uint64_t source) { return shards_[source % shards_.size()]; }

  std::atomic<std::uint32_t> most_ = 0;
  std::array<Shard, 16> shards_;
};

}  // namespace sallyport::http
