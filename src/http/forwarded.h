// What proxies in front of us say of the client: Forwarded (RFC 7239) and X-Forwarded-For, -Proto.
// Asked only when the connection comes from a trusted proxy; whatever anybody else sends in these
// fields is ignored. Pure, any thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/net.h"
#include "http/request.h"

namespace sallyport::http {

bool is_in(std::span<const Network> networks, const IpAddress& address);

struct ForwardedClient {
  bool ambiguous = false;           // the two kinds of fields disagree, or one is malformed
  std::optional<IpAddress> client;  // the nearest that is no trusted proxy; none: not said
  std::optional<bool> tls;          // whether it came over TLS; none: not said
};

// Walks from the last proxy to the first, as far as each is trusted. When both kinds of fields are
// there they must agree: a proxy that writes one kind passes on what a client wrote in the other.
ForwardedClient forwarded_client(const std::vector<Field>& fields,
                                 std::span<const Network> trusted_proxies);

}  // namespace sallyport::http
