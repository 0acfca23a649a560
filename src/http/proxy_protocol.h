// The PROXY protocol, versions 1 and 2 (HAProxy's proxy-protocol.txt): what a balancer says of the
// client before the first byte of the connection. Fed piece by piece, so that not one byte behind
// the header is taken. Pure; one reader per connection. Malformed is an end, never a guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/net.h"

namespace sallyport::http {

struct ProxyHeader {
  // None: the balancer speaks for itself (LOCAL, a health check) or does not know (UNKNOWN).
  std::optional<IpAddress> client;
  std::uint16_t client_port = 0;
  std::optional<bool> tls;  // whether the client came over TLS, when it says so
};

class ProxyHeaderReader {
 public:
  enum class State : std::uint8_t { More, Done, Malformed };

  // `arrived` is what follows what was taken before; `taken` tells how much of it is the header's.
  State feed(std::string_view arrived, std::size_t& taken);
  const ProxyHeader& header() const { return header_; }

 private:
  State feed_text(std::string_view arrived, std::size_t& taken);
  State feed_binary(std::string_view arrived, std::size_t& taken);
  bool read_text(std::string_view line);
  bool read_binary();
  bool read_vectors(std::string_view vectors);

  std::string bytes_;
  ProxyHeader header_;
};

}  // namespace sallyport::http
