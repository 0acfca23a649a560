#include "proxy/upstream.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/log.h"

namespace sallyport::proxy {
namespace {

constexpr std::int64_t kDistrust_us = 60'000'000;

Result<Secret> read_secret(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return fail(ErrorKind::Invalid, fmt::format("secret_file {}: {}", path, std::strerror(errno)));
  }
  if ((found.st_mode & 077U) != 0) {
    return fail(ErrorKind::Invalid,
                fmt::format("secret_file {}: group or others can read it (mode {:03o}); chmod 600",
                            path, found.st_mode & 0777U));
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  std::string value = text.str();
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
  const bool fit = std::ranges::all_of(
      value, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
  if (!file || value.empty() || !fit) {
    wipe(value);
    return fail(ErrorKind::Invalid,
                fmt::format("secret_file {}: must hold one line of text", path));
  }
  return Secret(std::move(value));
}

std::vector<IpAddress> look_up(const std::string& host) {
  std::vector<IpAddress> found;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return found;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    IpAddress ip;
    if (one->ai_family == AF_INET) {
      std::array<std::uint8_t, 4> bytes{};
      std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(one->ai_addr)->sin_addr, 4);
      ip = IpAddress::from_v4(bytes);
    } else if (one->ai_family == AF_INET6) {
      std::array<std::uint8_t, 16> bytes{};
      std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(one->ai_addr)->sin6_addr,
                  16);
      ip = IpAddress::from_v6(bytes);
    } else {
      continue;
    }
    if (std::ranges::find(found, ip) == found.end()) found.push_back(ip);
  }
  ::freeaddrinfo(list);
  return found;
}

SocketAddress socket_address(const IpAddress& ip, std::uint16_t port) {
  SocketAddress address;
  if (ip.v6) {
    auto* to = reinterpret_cast<sockaddr_in6*>(&address.storage);
    to->sin6_family = AF_INET6;
    to->sin6_port = htons(port);
    std::memcpy(&to->sin6_addr, ip.bytes.data(), 16);
    address.size = sizeof *to;
  } else {
    auto* to = reinterpret_cast<sockaddr_in*>(&address.storage);
    to->sin_family = AF_INET;
    to->sin_port = htons(port);
    std::memcpy(&to->sin_addr, ip.bytes.data(), 4);
    address.size = sizeof *to;
  }
  return address;
}

}  // namespace

Upstream::Upstream(const config::Upstream& settings, const Clock& clock,
                   std::shared_ptr<Counters> counters)
    : settings_(settings),
      clock_(clock),
      counters_(counters ? std::move(counters) : std::make_shared<Counters>()),
      permits_(settings.max_in_flight) {
  for (const config::Endpoint& endpoint : settings_.endpoints) {
    auto& state = states_.emplace_back(std::make_unique<State>());
    if (const auto ip = IpAddress::parse(endpoint.host)) state->addresses.push_back(*ip);
  }
}

Result<std::unique_ptr<Upstream>> Upstream::open(const config::Upstream& settings,
                                                 const Clock& clock,
                                                 std::shared_ptr<Counters> counters) {
  std::unique_ptr<Upstream> made(new Upstream(settings, clock, std::move(counters)));
  const auto named = [&settings](const Error& error) {
    return fail(error.kind, fmt::format("upstream {}: {}", settings.name, error.message));
  };
  if (settings.tls_enabled) {
    auto tls = TlsClientContext::load(settings.tls);
    if (!tls) return named(tls.error());
    made->tls_ = std::move(*tls);
  }
  if (!settings.credential.secret_file.empty()) {
    auto secret = read_secret(settings.credential.secret_file);
    if (!secret) return named(secret.error());
    made->credential_ = std::move(*secret);
  }
  return made;
}

const std::string& Upstream::tls_name(std::size_t endpoint) const {
  return settings_.tls.server_name.empty() ? settings_.endpoints[endpoint].host
                                           : settings_.tls.server_name;
}

bool Upstream::has_names() const {
  return std::ranges::any_of(settings_.endpoints, [](const config::Endpoint& endpoint) {
    return !IpAddress::parse(endpoint.host);
  });
}

void Upstream::resolve() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const config::Endpoint& endpoint = settings_.endpoints[i];
    if (IpAddress::parse(endpoint.host)) continue;
    auto found = look_up(endpoint.host);
    if (found.empty()) {
      log::warn(
          fmt::format("upstream {}: no address is known of {}", settings_.name, endpoint.host));
      continue;
    }
    const std::lock_guard lock(mutex_);
    states_[i]->addresses = std::move(found);
  }
}

SocketAddress Upstream::address(std::size_t endpoint) {
  const std::lock_guard lock(mutex_);
  State& state = *states_[endpoint];
  if (state.addresses.empty()) return {};
  const IpAddress& ip = state.addresses[state.next_address++ % state.addresses.size()];
  return socket_address(ip, settings_.endpoints[endpoint].port);
}

bool Upstream::is_usable(std::size_t endpoint, std::int64_t now_us) const {
  const State& state = *states_[endpoint];
  return !state.unhealthy.load(std::memory_order_relaxed) &&
         state.ejected_until_us.load(std::memory_order_relaxed) <= now_us;
}

void Upstream::count_usable() {
  const std::int64_t now_us = clock_.monotonic_us();
  std::uint64_t usable = 0;
  for (std::size_t i = 0; i < states_.size(); ++i) usable += is_usable(i, now_us) ? 1 : 0;
  counters_->usable.store(usable, std::memory_order_relaxed);
}

std::uint32_t Upstream::take_permits(std::uint32_t most) {
  std::uint32_t free = permits_.load(std::memory_order_relaxed);
  while (free != 0) {
    const std::uint32_t taken = std::min(most, free);
    if (permits_.compare_exchange_weak(free, free - taken, std::memory_order_relaxed)) return taken;
  }
  return 0;
}

void Upstream::note_success(std::size_t endpoint) {
  // Written only after a failure: the line stays shared while all is well.
  State& state = *states_[endpoint];
  if (state.failures.load(std::memory_order_relaxed) != 0) {
    state.failures.store(0, std::memory_order_relaxed);
  }
}

void Upstream::note_failure(std::size_t endpoint, std::int64_t now_us) {
  const config::Ejection& rule = settings_.ejection;
  State& state = *states_[endpoint];
  const std::uint32_t in_row = state.failures.fetch_add(1, std::memory_order_relaxed) + 1;
  if (rule.failures == 0 || in_row < rule.failures) return;
  const std::lock_guard lock(mutex_);
  if (state.ejected_until_us.load(std::memory_order_relaxed) > now_us) return;
  const auto out =
      static_cast<std::size_t>(std::ranges::count_if(states_, [now_us](const auto& one) {
        return one->unhealthy.load(std::memory_order_relaxed) ||
               one->ejected_until_us.load(std::memory_order_relaxed) > now_us;
      }));
  if ((out + 1) * 100 > states_.size() * rule.most_percent) return;
  state.failures.store(0, std::memory_order_relaxed);
  state.ejected_until_us.store(
      now_us + std::chrono::duration_cast<std::chrono::microseconds>(rule.duration).count(),
      std::memory_order_relaxed);
  counters_->ejections.fetch_add(1, std::memory_order_relaxed);
  const config::Endpoint& at = settings_.endpoints[endpoint];
  log::warn(fmt::format("upstream {}: {}:{} failed {} times in a row and is out for a while",
                        settings_.name, at.host, at.port, in_row));
}

void Upstream::note_surplus(std::size_t endpoint, std::int64_t now_us) {
  counters_->surplus.fetch_add(1, std::memory_order_relaxed);
  State& state = *states_[endpoint];
  if (state.distrusted_until_us.exchange(now_us + kDistrust_us, std::memory_order_relaxed) <=
      now_us) {
    const config::Endpoint& at = settings_.endpoints[endpoint];
    log::warn(
        fmt::format("upstream {}: {}:{} says more than it is asked; its connections are not "
                    "kept for a while",
                    settings_.name, at.host, at.port));
  }
}

bool Upstream::is_trusted(std::size_t endpoint, std::int64_t now_us) const {
  return states_[endpoint]->distrusted_until_us.load(std::memory_order_relaxed) <= now_us;
}

void Upstream::note_check(std::size_t endpoint, bool good) {
  State& state = *states_[endpoint];
  const bool unhealthy = state.unhealthy.load(std::memory_order_relaxed);
  if (good == !unhealthy) {
    state.checks = 0;
    return;
  }
  const std::uint32_t wanted =
      good ? settings_.health.healthy_after : settings_.health.unhealthy_after;
  if (++state.checks < wanted) return;
  state.checks = 0;
  state.unhealthy.store(!good, std::memory_order_relaxed);
  const config::Endpoint& at = settings_.endpoints[endpoint];
  log::warn(fmt::format("upstream {}: {}:{} is {}", settings_.name, at.host, at.port,
                        good ? "well again" : "not well and is not asked"));
}

}  // namespace sallyport::proxy
