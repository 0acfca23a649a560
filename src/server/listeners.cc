#include "server/listeners.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace sallyport::server {
namespace {

constexpr int kBacklog = 4096;
constexpr std::string_view kUnix = "unix:";

std::unexpected<Error> system_failure(const std::string& where, const char* what) {
  return fail(ErrorKind::Unavailable,
              fmt::format("listener {}: {}: {}", where, what, std::strerror(errno)));
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address address_of(const IpAddress& ip, std::uint16_t port) {
  Address address;
  if (ip.v6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    std::memcpy(&v6->sin6_addr, ip.bytes.data(), 16);
    address.size = sizeof *v6;
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    std::memcpy(&v4->sin_addr, ip.bytes.data(), 4);
    address.size = sizeof *v4;
  }
  return address;
}

Result<int> open_one(const IpAddress& ip, std::uint16_t port, const std::string& where) {
  const int family = ip.v6 ? AF_INET6 : AF_INET;
  const int socket = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return system_failure(where, "socket");
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (ip.v6) ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const Address address = address_of(ip, port);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 ||
      ::listen(socket, kBacklog) != 0) {
    const auto failure = system_failure(where, "bind");
    ::close(socket);
    return failure;
  }
  return socket;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size);
  return ntohs(storage.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

// SO_REUSEPORT lets a second server of the same user bind beside ours and take half of its
// connections: so a probe without it comes first.
Result<void> check_free(const IpAddress& ip, std::uint16_t port, const std::string& where) {
  if (port == 0) return {};
  const int socket = ::socket(ip.v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return system_failure(where, "socket");
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const Address address = address_of(ip, port);
  const int bound =
      ::bind(socket, reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  Result<void> result;
  if (bound != 0) result = system_failure(where, "bind");
  ::close(socket);
  return result;
}

Result<ListenerGroup> open_unix(const std::string& path, std::size_t workers,
                                const std::string& where) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(ErrorKind::Invalid, fmt::format("listener {}: the path is too long", where));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return system_failure(where, "socket");
  ::unlink(path.c_str());  // the store's lock says that no server of ours is behind it
  const mode_t before = ::umask(0177);
  const int bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(socket, kBacklog) != 0) {
    const auto failure = system_failure(where, "bind");
    ::close(socket);
    return failure;
  }
  ListenerGroup group;
  group.sockets.push_back(socket);
  while (group.sockets.size() < workers) group.sockets.push_back(::dup(socket));
  return group;
}

}  // namespace

Result<std::shared_ptr<http::TlsContext>> load_tls(const config::Listener& listener,
                                                   const config::Config& config,
                                                   http::TicketKeys& tickets) {
  if (listener.kind != config::ListenerKind::Tls) return nullptr;
  std::vector<http::TlsHost> hosts;
  for (const config::Api& api : config.apis) {
    for (const config::VirtualHost& host : api.hosts) hosts.push_back({host.host, host.tls});
  }
  return http::TlsContext::load({listener.certificate, listener.key, listener.ocsp_response}, hosts,
                                tickets);
}

Result<ListenerGroup> open_group(const config::Listener& listener, std::size_t workers) {
  const std::string where = fmt::format("{}:{}", listener.address, listener.port);
  ListenerGroup group;
  if (listener.address.starts_with(kUnix)) {
    auto opened = open_unix(listener.address.substr(kUnix.size()), workers, listener.address);
    if (!opened) return opened;
    group = std::move(*opened);
  } else {
    const auto ip = IpAddress::parse(listener.address);
    if (!ip) {
      return fail(ErrorKind::Invalid, fmt::format("listener {}: not an IP address", where));
    }
    if (auto is_free = check_free(*ip, listener.port, where); !is_free) {
      return std::unexpected(is_free.error());
    }
    std::uint16_t port = listener.port;
    for (std::size_t i = 0; i < workers; ++i) {
      const auto socket = open_one(*ip, port, where);
      if (!socket) {
        for (const int open : group.sockets) ::close(open);
        return std::unexpected(socket.error());
      }
      group.sockets.push_back(*socket);
      if (port == 0) port = bound_port(*socket);
    }
    group.port = port;
  }
  switch (listener.kind) {
    case config::ListenerKind::Tls: group.transport = http::Transport::Tls; break;
    case config::ListenerKind::Refuse: group.transport = http::Transport::Refused; break;
    case config::ListenerKind::Trusted: group.transport = http::Transport::Trusted; break;
  }
  return group;
}

std::string url_of(const std::vector<ListenerGroup>& groups) {
  for (const ListenerGroup& group : groups) {
    if (group.transport == http::Transport::Tls) {
      return fmt::format("https://localhost:{}", group.port);
    }
  }
  return groups.empty() ? "" : fmt::format("http://localhost:{}", groups[0].port);
}

std::string host_in_url(std::string_view host) {
  return host.find(':') != std::string_view::npos && !host.starts_with('[')
             ? fmt::format("[{}]", host)
             : std::string(host);
}

}  // namespace sallyport::server
