// The waits of a connection's coroutine: for its socket, for its turn. Private to
// http/connection*.cc.
#pragma once

#include <coroutine>
#include <utility>

#include "http/connection.h"

namespace sallyport::http {

struct Connection::Ready {
  Connection& connection;
  bool write;
  bool await_ready() const noexcept { return connection.expired_; }
  void await_suspend(std::coroutine_handle<> waiting) {
    auto resume = [waiting] { waiting.resume(); };
    if (write) {
      connection.readiness_->when_writable(resume);
    } else {
      connection.readiness_->when_readable(resume);
    }
  }
  void await_resume() const noexcept {}
};

// The wait of next(), which may go on beside one of the others.
struct Connection::BodyReady {
  Connection& connection;
  bool await_ready() const noexcept { return connection.body_expired_; }
  void await_suspend(std::coroutine_handle<> waiting) {
    connection.body_waiting_ = waiting;
    connection.readiness_->when_readable([this_connection = &connection] {
      if (auto handle = std::exchange(this_connection->body_waiting_, {})) handle.resume();
    });
  }
  void await_resume() const noexcept {}
};

// Not a wait: whoever sends as fast as we read must not have the worker to itself.
struct Connection::Turn {
  Connection& connection;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    connection.readiness_->after_others([waiting] { waiting.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace sallyport::http
