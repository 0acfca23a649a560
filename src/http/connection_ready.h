// The wait of a connection's coroutine for its socket. Private to http/connection*.cc.
#pragma once

#include <coroutine>

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

}  // namespace sallyport::http
