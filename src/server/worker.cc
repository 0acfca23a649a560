#include "server/worker.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/random.h"
#include "http/connection.h"
#include "http/forwarded.h"
#include "server/poller.h"

namespace sallyport::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::milliseconds kTick{100};
constexpr std::int64_t kTick_us = std::chrono::microseconds(kTick).count();
constexpr int kAcceptsPerTurn = 64;

template <class T>
void bump(std::atomic<T>& counter, T by) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

std::chrono::steady_clock::time_point time_point_of(std::int64_t monotonic_us) {
  return std::chrono::steady_clock::time_point(std::chrono::microseconds(monotonic_us));
}

http::Peer peer_of(const sockaddr_storage& from, http::Transport transport) {
  http::Peer peer;
  peer.transport = transport;
  if (from.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&from);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &v4->sin_addr, bytes.size());
    peer.address = IpAddress::from_v4(bytes);
    peer.port = ntohs(v4->sin_port);
  } else if (from.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&from);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &v6->sin6_addr, bytes.size());
    peer.address = IpAddress::from_v6(bytes);
    peer.port = ntohs(v6->sin6_port);
  } else {
    peer.address = IpAddress::from_v4({127, 0, 0, 1});  // a Unix socket: this machine
  }
  return peer;
}

struct ListeningSocket {
  ListeningSocket(asio::io_context& io, int socket) : descriptor(io, socket) {}
  asio::posix::stream_descriptor descriptor;
  http::Transport transport = http::Transport::Tls;
  ListenerTerms terms;
  bool exhausted = false;  // no descriptors left: tries again at the next tick
};

}  // namespace

struct Worker::State {
  State(WorkerTerms terms, const Clock& time, telemetry::Shard& counters)
      : clock(time),
        shard(counters),
        max_connections(terms.max_connections),
        io(1),
        poller([this](Callback callback) { asio::post(io, std::move(callback)); }),
        polled(io, ::dup(poller.descriptor())),
        ticker(io),
        context{terms.limits, time, SeededRandom(SystemRandom().next_u64()), false,        0,
                {},           {},   std::move(terms.trusted_proxies),        terms.sources} {
    context.ended = [this](http::Connection& connection) {
      asio::post(io, [this, ended = &connection] { remove(ended); });
    };
  }

  void wait_to_poll();
  void wait_to_accept(ListeningSocket& listening);
  int accept_some(ListeningSocket& listening);
  void take(ListeningSocket& listening, int socket, const sockaddr_storage& from);
  void remove(http::Connection* connection);
  void tick();
  void begin_drain(std::chrono::milliseconds patience);
  void end_when_empty();

  const Clock& clock;
  telemetry::Shard& shard;
  std::uint32_t max_connections;
  asio::io_context io;
  Poller poller;
  asio::posix::stream_descriptor polled;  // its descriptor
  asio::steady_timer ticker;
  std::int64_t give_up_us = 0;  // of the drain
  http::ConnectionContext context;
  std::unique_ptr<http::Entry> entry;
  std::vector<std::unique_ptr<ListeningSocket>> listening;
  std::unordered_map<http::Connection*, std::unique_ptr<http::Connection>> connections;
  std::vector<std::function<void()>> ticks;
  std::function<void(std::int64_t)> lag;
  std::int64_t tick_due_us = 0;  // monotonic
  std::thread thread;
};

void Worker::State::wait_to_poll() {
  polled.async_wait(asio::posix::descriptor_base::wait_read, [this](const error_code& error) {
    if (error) return;
    poller.run();
    wait_to_poll();
  });
}

void Worker::State::wait_to_accept(ListeningSocket& listener) {
  listener.descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                                 [this, &listener](const error_code& error) {
                                   if (error || context.draining) return;
                                   accept_some(listener);
                                   // The socket stays readable: waiting now would spin.
                                   if (!listener.exhausted) wait_to_accept(listener);
                                 });
}

int Worker::State::accept_some(ListeningSocket& listener) {
  int accepted = 0;
  for (; accepted < kAcceptsPerTurn; ++accepted) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int socket =
        ::accept4(listener.descriptor.native_handle(), reinterpret_cast<sockaddr*>(&from), &size,
                  SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == ECONNABORTED || errno == EINTR) continue;  // that one has gone; the next
      listener.exhausted = errno != EAGAIN && errno != EWOULDBLOCK;
      break;
    }
    take(listener, socket, from);
  }
  return accepted;
}

void Worker::State::take(ListeningSocket& listener, int socket, const sockaddr_storage& from) {
  http::Peer peer = peer_of(from, listener.transport);
  peer.announced = http::is_in(listener.terms.proxy_protocol_from, peer.address);
  bool welcome = connections.size() < max_connections;
  const auto& networks = listener.terms.trusted_networks;
  welcome = welcome && (networks.empty() || http::is_in(networks, peer.address));
  auto readiness = welcome ? poller.watch(socket) : nullptr;
  if (readiness == nullptr) {
    ::close(socket);
    bump<std::uint64_t>(shard.connections_refused, 1);
    return;
  }
  bump<std::uint64_t>(shard.connections_accepted, 1);
  bump<std::int64_t>(shard.connections_open, 1);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto made = std::make_unique<http::Connection>(context, socket, listener.terms.tls.get(),
                                                 std::move(readiness), entry->open(), peer);
  http::Connection* connection = made.get();
  connections.emplace(connection, std::move(made));
  connection->start();
}

void Worker::State::remove(http::Connection* connection) {
  if (connection->handshake_failed()) bump<std::uint64_t>(shard.tls_handshakes_failed, 1);
  if (connection->turned_away()) bump<std::uint64_t>(shard.connections_turned_away, 1);
  connections.erase(connection);
  bump<std::int64_t>(shard.connections_open, -1);
  end_when_empty();
}

void Worker::State::tick() {
  const std::int64_t now_us = clock.monotonic_us();
  if (lag && tick_due_us != 0) lag(std::max<std::int64_t>(0, now_us - tick_due_us));
  for (auto& [connection, owner] : connections) connection->tick(now_us);
  for (auto& listener : listening) {
    if (context.draining || !std::exchange(listener->exhausted, false)) continue;
    wait_to_accept(*listener);
  }
  for (auto& call : ticks) call();
  if (give_up_us != 0 && now_us >= give_up_us) {
    for (auto& [connection, owner] : connections) connection->abandon();
  }
  tick_due_us = clock.monotonic_us() + kTick_us;
  ticker.expires_after(kTick);
  ticker.async_wait([this](const error_code& error) {
    if (!error) tick();
  });
}

void Worker::State::begin_drain(std::chrono::milliseconds patience) {
  if (context.draining) return;
  // What the kernel has accepted for us was promised to a client: it is served first.
  for (auto& listener : listening) {
    while (accept_some(*listener) == kAcceptsPerTurn) {
    }
  }
  context.draining = true;
  give_up_us = clock.monotonic_us() +
               std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  for (auto& listener : listening) {
    error_code ignored;
    listener->descriptor.close(ignored);
  }
  for (auto& [connection, owner] : connections) connection->drain();
  end_when_empty();
}

void Worker::State::end_when_empty() {
  if (!context.draining || !connections.empty()) return;
  // Timers that nobody waits for any more (deadlines of waits that ended) must not hold it up.
  asio::post(io, [this] { io.stop(); });
}

Worker::Worker(WorkerTerms terms, const Clock& clock, telemetry::Shard& shard)
    : state_(std::make_unique<State>(std::move(terms), clock, shard)) {}

Worker::~Worker() { join(); }

void Worker::add_listener(int socket, http::Transport transport, ListenerTerms terms) {
  auto listener = std::make_unique<ListeningSocket>(state_->io, socket);
  listener->transport = transport;
  listener->terms = std::move(terms);
  state_->listening.push_back(std::move(listener));
}

void Worker::adopt(WorkerTerms terms, std::vector<ListenerTerms> listeners) {
  state_->context.limits = terms.limits;
  state_->context.trusted_proxies = std::move(terms.trusted_proxies);
  state_->max_connections = terms.max_connections;
  bool others = false;  // clients' certificates mean something else
  for (std::size_t i = 0; i < listeners.size() && i < state_->listening.size(); ++i) {
    ListenerTerms& now = state_->listening[i]->terms;
    // Every listener serves the same hosts.
    others = others || (now.tls && listeners[i].tls && !now.tls->same_clients(*listeners[i].tls));
    now = std::move(listeners[i]);
  }
  if (!others) return;
  for (auto& [connection, owner] : state_->connections) connection->distrust();
}

void Worker::set_entry(std::unique_ptr<http::Entry> entry) { state_->entry = std::move(entry); }

http::ReadinessSource& Worker::sockets() { return state_->poller; }

void Worker::on_tick(std::function<void()> call) { state_->ticks.push_back(std::move(call)); }

void Worker::on_lag(std::function<void(std::int64_t)> call) { state_->lag = std::move(call); }

void Worker::start() {
  for (auto& listener : state_->listening) state_->wait_to_accept(*listener);
  state_->wait_to_poll();
  state_->tick();
  state_->thread = std::thread([this] { state_->io.run(); });
}

void Worker::drain(std::chrono::milliseconds patience) {
  asio::post(state_->io, [this, patience] { state_->begin_drain(patience); });
}

void Worker::join() {
  if (state_->thread.joinable()) state_->thread.join();
}

void Worker::post(Callback callback) { asio::post(state_->io, std::move(callback)); }

void Worker::at(std::int64_t monotonic_us, Callback callback) {
  auto timer = std::make_unique<asio::steady_timer>(state_->io, time_point_of(monotonic_us));
  auto& waiting = *timer;
  waiting.async_wait([timer = std::move(timer),
                      callback = std::move(callback)](const error_code&) mutable { callback(); });
}

}  // namespace sallyport::server
