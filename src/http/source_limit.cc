#include "http/source_limit.h"

namespace sallyport::http {

bool SourceLimit::enter(const IpAddress& address) {
  const std::uint32_t most = most_.load(std::memory_order_relaxed);
  const std::uint64_t source = source_network(address);
  Shard& shard = shard_of(source);
  const std::scoped_lock lock(shard.mutex);
  std::uint32_t& open = shard.open[source];
  if (most != 0 && open >= most) return false;  // so the entry was there before
  ++open;
  return true;
}

void SourceLimit::leave(const IpAddress& address) {
  const std::uint64_t source = source_network(address);
  Shard& shard = shard_of(source);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.open.find(source);
  if (found != shard.open.end() && --found->second == 0) shard.open.erase(found);
}

}  // namespace sallyport::http
