// Who is at the other end of a connection, as its listener sees it. Values.
#pragma once

#include <cstdint>

#include "base/net.h"
#include "http/request.h"

namespace sallyport::http {

struct Peer {
  IpAddress address;
  std::uint16_t port = 0;
  Transport transport = Transport::Tls;
  bool announced = false;  // by a balancer: a PROXY header comes before anything else
};

}  // namespace sallyport::http
