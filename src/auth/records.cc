#include "auth/records.h"

#include <algorithm>
#include <cstring>

namespace sallyport::auth {

std::uint64_t KeyRecord::hash() const {
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

bool allows(const std::vector<Network>& networks, const IpAddress& ip) {
  return networks.empty() || std::ranges::any_of(networks, [&ip](const Network& network) {
           return network.contains(ip);
         });
}

}  // namespace sallyport::auth
