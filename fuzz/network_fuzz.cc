// A network is read strictly: what is accepted comes back from its text as the same network, holds
// its own address and nothing of the other family, and has no host bits.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/net.h"
#include "base/result.h"

using sallyport::IpAddress;
using sallyport::Network;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto network = Network::parse(text);
  if (!network) {
    SALLYPORT_CHECK(!network.error().message.empty());
    return 0;
  }
  const auto again = Network::parse(network->text());
  SALLYPORT_CHECK(again && *again == *network);
  SALLYPORT_CHECK(network->contains(network->address));
  const std::size_t bits = network->address.v6 ? 128 : 32;
  SALLYPORT_CHECK(network->prefix <= bits);
  for (std::size_t bit = 0; bit < bits; ++bit) {
    IpAddress other = network->address;
    other.bytes[bit / 8] = static_cast<std::uint8_t>(other.bytes[bit / 8] ^ (0x80U >> bit % 8));
    // Inside the prefix every bit counts, behind it none does and none is set.
    SALLYPORT_CHECK(network->contains(other) == (bit >= network->prefix));
    const bool set = (network->address.bytes[bit / 8] & (0x80U >> bit % 8)) != 0;
    SALLYPORT_CHECK(!set || bit < network->prefix);
  }
  IpAddress family = network->address;
  family.v6 = !family.v6;
  SALLYPORT_CHECK(!network->contains(family));
  return 0;
}
