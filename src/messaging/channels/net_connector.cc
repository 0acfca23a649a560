#include "messaging/channels/net_connector.h"

#include <pthread.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "messaging/channels/tls_client.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kMaxAddresses = 8;  // of one name

// A timer that resolves a wait with "timed out", unless it is cancelled first.
class Deadline {
 public:
  Deadline(asio::io_context& io, const Clock& clock) : timer_(io), clock_(clock) {}

  template <class Resolver, class Value>
  void set(std::int64_t deadline_us, const Resolver& resolve, Value timed_out) {
    timer_.expires_after(
        std::chrono::microseconds(std::max<std::int64_t>(deadline_us - clock_.monotonic_us(), 0)));
    timer_.async_wait([resolve, timed_out = std::move(timed_out)](error_code code) {
      if (!code) resolve(timed_out);
    });
  }
  void cancel() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
  const Clock& clock_;
};

Result<void> as_result(error_code code) {
  if (!code) return {};
  if (code == asio::error::timed_out) return fail(ErrorKind::Unavailable, "no answer in time");
  return fail(ErrorKind::Unavailable, code.message());
}

class NetStream final : public Stream {
 public:
  NetStream(asio::io_context& io, const Clock& clock, tcp::socket socket)
      : socket_(std::move(socket)), reading_(io, clock), writing_(io, clock) {}
  ~NetStream() override { close(); }
  NetStream(const NetStream&) = delete;
  NetStream& operator=(const NetStream&) = delete;

  Task<Result<std::size_t>> read_some(std::span<char> buffer, std::int64_t deadline_us) override {
    for (;;) {
      const TlsStep step = tls_ ? tls_->read(buffer) : receive(buffer);
      if (step.kind == TlsStep::Kind::Done) co_return step.bytes;
      if (step.kind == TlsStep::Kind::Ended) co_return std::size_t{0};
      const Result<void> ready = co_await wait_for(step, &reading_, deadline_us);
      if (!ready) co_return std::unexpected(ready.error());
    }
  }

  Task<Result<void>> write_all(std::string_view bytes, std::int64_t deadline_us) override {
    while (!bytes.empty()) {
      const TlsStep step = tls_ ? tls_->write(bytes) : send(bytes);
      if (step.kind == TlsStep::Kind::Done) {
        bytes.remove_prefix(step.bytes);
        continue;
      }
      const Result<void> ready = co_await wait_for(step, &writing_, deadline_us);
      if (!ready) co_return std::unexpected(ready.error());
    }
    co_return Result<void>();
  }

  Task<Result<void>> start_tls(TlsPolicy policy, std::int64_t deadline_us) override {
    if (!socket_.is_open()) co_return fail(ErrorKind::Unavailable, "the connection is closed");
    auto made = TlsClient::make(socket_.native_handle(), policy);
    if (!made) co_return std::unexpected(made.error());
    tls_ = std::move(*made);
    for (;;) {
      const TlsStep step = tls_->handshake();
      if (step.kind == TlsStep::Kind::Done) co_return Result<void>();
      const Result<void> ready = co_await wait_for(step, &writing_, deadline_us);
      if (!ready) co_return std::unexpected(ready.error());
    }
  }

  void close() override {
    error_code ignored;
    reading_.cancel();
    writing_.cancel();
    tls_.reset();
    socket_.close(ignored);
  }

 private:
  TlsStep receive(std::span<char> buffer) {
    const ssize_t got = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (got > 0) return {.bytes = static_cast<std::size_t>(got)};
    if (got == 0) return {.kind = TlsStep::Kind::Ended};
    return failed(TlsStep::Kind::WantRead);
  }
  TlsStep send(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {.bytes = static_cast<std::size_t>(sent)};
    return failed(TlsStep::Kind::WantWrite);
  }
  static TlsStep failed(TlsStep::Kind wanted) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {.kind = wanted};
    return {.kind = TlsStep::Kind::Failed, .text = std::strerror(errno)};
  }

  // After a step that is not done: waits for what it wants, or says why it cannot go on.
  Task<Result<void>> wait_for(TlsStep step, Deadline* deadline, std::int64_t deadline_us) {
    if (step.kind == TlsStep::Kind::Failed) co_return fail(ErrorKind::Unavailable, step.text);
    if (step.kind == TlsStep::Kind::Ended) {
      co_return fail(ErrorKind::Unavailable, "the connection was closed");
    }
    if (!socket_.is_open()) co_return fail(ErrorKind::Unavailable, "the connection is closed");
    LoopWait<error_code> ready;
    deadline->set(deadline_us, ready.resolver(), error_code(asio::error::timed_out));
    socket_.async_wait(
        step.kind == TlsStep::Kind::WantRead ? tcp::socket::wait_read : tcp::socket::wait_write,
        [resolve = ready.resolver()](error_code code) { resolve(code); });
    const error_code code = co_await ready;
    deadline->cancel();
    if (code) {
      error_code ignored;
      socket_.cancel(ignored);
    }
    co_return as_result(code);
  }

  tcp::socket socket_;
  Deadline reading_;  // one may read while another writes
  Deadline writing_;
  std::unique_ptr<TlsClient> tls_;  // goes before the socket
};

struct Resolved {
  error_code code;
  std::vector<tcp::endpoint> endpoints;
};

class NetConnector final : public Connector {
 public:
  NetConnector(asio::io_context& io, const Clock& clock) : io_(io), clock_(clock) {}

  Task<Result<std::unique_ptr<Stream>>> connect(std::string host, std::uint16_t port,
                                                std::int64_t deadline_us) override {
    const Resolved resolved = co_await resolve(std::move(host), port, deadline_us);
    error_code last = resolved.code ? resolved.code : error_code(asio::error::host_not_found);
    std::size_t left = std::min(resolved.endpoints.size(), kMaxAddresses);
    for (std::size_t i = 0; left > 0; ++i, --left) {
      // Each address gets its share of what is left, so that a silent one does not take it all.
      const std::int64_t now = clock_.monotonic_us();
      const std::int64_t share = (deadline_us - now) / static_cast<std::int64_t>(left);
      tcp::socket socket(io_);
      last = co_await open(&socket, resolved.endpoints[i], now + std::max<std::int64_t>(share, 0));
      if (last) continue;
      error_code ignored;
      socket.non_blocking(true, ignored);
      socket.set_option(tcp::no_delay(true), ignored);
      co_return std::unique_ptr<Stream>(
          std::make_unique<NetStream>(io_, clock_, std::move(socket)));
    }
    co_return std::unexpected(as_result(last).error());
  }

 private:
  Task<Resolved> resolve(std::string host, std::uint16_t port, std::int64_t deadline_us) {
    error_code code;
    const auto address = asio::ip::make_address(host, code);
    if (!code) co_return Resolved{{}, {tcp::endpoint(address, port)}};
    LoopWait<Resolved> found;
    Deadline deadline(io_, clock_);
    deadline.set(deadline_us, found.resolver(), Resolved{asio::error::timed_out, {}});
    tcp::resolver resolver(io_);
    resolver.async_resolve(
        host, std::to_string(port),
        [resolve = found.resolver()](error_code result, const tcp::resolver::results_type& all) {
          Resolved value{result, {}};
          for (const auto& one : all) value.endpoints.push_back(one.endpoint());
          resolve(std::move(value));
        });
    Resolved value = co_await found;
    co_return value;
  }

  Task<error_code> open(tcp::socket* socket, tcp::endpoint endpoint, std::int64_t deadline_us) {
    LoopWait<error_code> connected;
    Deadline deadline(io_, clock_);
    deadline.set(deadline_us, connected.resolver(), error_code(asio::error::timed_out));
    socket->async_connect(endpoint,
                          [resolve = connected.resolver()](error_code code) { resolve(code); });
    const error_code code = co_await connected;
    co_return code;
  }

  asio::io_context& io_;
  const Clock& clock_;
};

class NetAcceptor final : public Acceptor {
 public:
  using Taken = std::function<void(std::unique_ptr<Stream>)>;
  NetAcceptor(asio::io_context& io, const Clock& clock, Taken taken)
      : io_(io), clock_(clock), acceptor_(io), taken_(std::move(taken)) {}

  Result<void> open(const tcp::endpoint& endpoint) {
    error_code code;
    acceptor_.open(endpoint.protocol(), code);
    if (!code) acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code) acceptor_.bind(endpoint, code);
    if (!code) acceptor_.listen(tcp::acceptor::max_listen_connections, code);
    if (code) return fail(ErrorKind::Unavailable, code.message());
    accept();
    return {};
  }
  std::uint16_t port() const override {
    error_code ignored;
    return acceptor_.local_endpoint(ignored).port();
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code code, tcp::socket socket) {
      if (code == asio::error::operation_aborted) return;
      if (!code) {
        error_code ignored;
        socket.non_blocking(true, ignored);
        taken_(std::make_unique<NetStream>(io_, clock_, std::move(socket)));
      }
      accept();
    });
  }

  asio::io_context& io_;
  const Clock& clock_;
  tcp::acceptor acceptor_;
  Taken taken_;
};

}  // namespace

struct DeliveryLoop::State {
  explicit State(const Clock& time) : clock(time), work(io.get_executor()) {}
  const Clock& clock;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::thread thread;
};

DeliveryLoop::DeliveryLoop(const Clock& clock) : state_(std::make_unique<State>(clock)) {
  // Signals are the main thread's; and a peer that has gone is an error of write, not a SIGPIPE.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  state_->thread = std::thread([io = &state_->io] { io->run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(state_->thread.native_handle(), "delivery");
}

DeliveryLoop::~DeliveryLoop() { stop(); }

void DeliveryLoop::stop() {
  state_->io.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

void DeliveryLoop::post(Callback callback) {
  asio::post(state_->io, [run = std::move(callback)]() mutable { run(); });
}

void DeliveryLoop::at(std::int64_t monotonic_us, Callback callback) {
  const std::int64_t wait = std::max<std::int64_t>(monotonic_us - state_->clock.monotonic_us(), 0);
  auto timer = std::make_unique<asio::steady_timer>(state_->io, std::chrono::microseconds(wait));
  auto* waiting = timer.get();
  waiting->async_wait(
      [timer = std::move(timer), run = std::move(callback)](error_code code) mutable {
        if (!code) run();
      });
}

Result<std::unique_ptr<Acceptor>> DeliveryLoop::listen(
    const std::string& address, std::uint16_t port,
    std::function<void(std::unique_ptr<Stream>)> taken) {
  error_code code;
  const auto ip = asio::ip::make_address(address, code);
  if (code) return fail(ErrorKind::Invalid, address + " is no IP address");
  auto acceptor = std::make_unique<NetAcceptor>(state_->io, state_->clock, std::move(taken));
  if (auto opened = acceptor->open({ip, port}); !opened) {
    return fail(opened.error().kind,
                address + " port " + std::to_string(port) + ": " + opened.error().message);
  }
  return std::unique_ptr<Acceptor>(std::move(acceptor));
}

std::unique_ptr<Connector> DeliveryLoop::make_connector() {
  return std::make_unique<NetConnector>(state_->io, state_->clock);
}

}  // namespace sallyport::messaging
