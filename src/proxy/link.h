// One connection to an endpoint, with what was received on it and not used up. Owned by the request
// that it serves, else by its pool; on its worker. At most one coroutine waits to read and one to
// write; destroyed, it forgets both.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/reason.h"
#include "base/task.h"
#include "http/readiness.h"
#include "http/stream.h"
#include "proxy/upstream.h"

namespace sallyport::proxy {

class Link {
 public:
  Link(int socket, http::SslHandle tls, std::unique_ptr<http::Readiness> readiness,
       std::size_t endpoint)
      : stream_(socket, std::move(tls)), readiness_(std::move(readiness)), endpoint_(endpoint) {}

  std::size_t endpoint() const { return endpoint_; }
  bool is_used() const { return used_; }  // has served a request before
  void mark_used(std::int64_t now_us) {
    used_ = true;
    idle_since_us_ = now_us;
  }
  std::int64_t idle_since_us() const { return idle_since_us_; }

  // Of an idle one: whether nothing has come and nobody has gone, as far as this worker has been
  // told. Costs nothing when readiness has been silent. Bytes that no request asked for are then in
  // received().
  bool is_quiet();

  // Connects, with TLS when it has a session: Ok, or UpstreamRefused, UpstreamTls, UpstreamTooSlow.
  // Whoever gives up sets `expired` and wakes it.
  Task<Reason> establish(const bool* expired);
  http::IoResult write(std::string_view bytes);
  // Done with more in received(), or what to wait for. Makes room for `at_least` bytes.
  http::IoResult fill(std::size_t at_least);

  // An upstream that wants another certificate than ours says so in TLS 1.3 only behind the
  // handshake.
  bool was_alerted() const { return stream_.was_alerted(); }

  std::string_view received() const { return {buffer_.data() + begin_, end_ - begin_}; }
  char* data() { return buffer_.data() + begin_; }
  void consume(std::size_t bytes) { begin_ += bytes; }
  void shrink();  // for an idle life

  // co_await link.readable(): until there is something to try, or wake() was called.
  struct Wait {
    Link& link;
    bool write;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    void await_resume() const noexcept {}
  };
  Wait readable() { return {*this, false}; }
  Wait writable() { return {*this, true}; }
  void wake_later() { readiness_->cancel(); }  // whoever waits, in another turn
  void wake_reader();
  void wake_writer();
  void forget_writer() { writer_ = {}; }

 private:
  int connect_error() const;  // of the socket: 0 when it is connected
  http::IoResult handshake();

  http::Stream stream_;
  std::unique_ptr<http::Readiness> readiness_;  // goes before the socket closes
  std::coroutine_handle<> reader_;
  std::coroutine_handle<> writer_;
  std::vector<char> buffer_;  // [begin_, end_): received and not consumed
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t endpoint_;
  std::int64_t idle_since_us_ = 0;
  bool used_ = false;
};

// A new one, connecting; nullptr when not even that could be begun.
std::unique_ptr<Link> open_link(Upstream& upstream, std::size_t endpoint,
                                http::ReadinessSource& sockets);

}  // namespace sallyport::proxy
