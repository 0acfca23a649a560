// The listening sockets of the process, one group per configured listener with one socket for each
// worker (SO_REUSEPORT; a Unix socket is shared). Opened before any worker starts, closed only when
// the process drains.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "http/request.h"
#include "http/tls_context.h"

namespace sallyport::server {

struct ListenerGroup {
  http::Transport transport = http::Transport::Tls;
  std::uint16_t port = 0;  // bound; 0 for a Unix socket
  std::vector<int> sockets;
};

// What its connections are encrypted with; null for one that is not tls. Errors name the file.
Result<std::shared_ptr<http::TlsContext>> load_tls(const config::Listener& listener,
                                                   const config::Config& config,
                                                   http::TicketKeys& tickets);

// Errors name the listener and the system's reason (in use, not permitted, no such address).
Result<ListenerGroup> open_group(const config::Listener& listener, std::size_t workers);

// On this machine: of the first one with TLS, else of the first. Empty when there is none.
std::string url_of(const std::vector<ListenerGroup>& groups);
// An IPv6 address in brackets (RFC 3986 3.2.2), anything else as it is.
std::string host_in_url(std::string_view host);

}  // namespace sallyport::server
