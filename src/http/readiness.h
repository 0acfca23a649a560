// When a socket can be read or written: what a connection waits for. Implemented by server/worker
// on Asio and by tests. One wait at a time; on the connection's worker.
#pragma once

#include "base/loop.h"

namespace sallyport::http {

class Readiness {
 public:
  virtual ~Readiness() = default;
  // Calls back once, never from within the call; also after cancel().
  virtual void when_readable(Callback callback) = 0;
  virtual void when_writable(Callback callback) = 0;
  virtual void cancel() = 0;
  // Calls back once, not from within the call, when what else is ready has had its turn.
  virtual void after_others(Callback callback) = 0;
};

}  // namespace sallyport::http
