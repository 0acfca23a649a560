// When a socket can be read or written: what a connection waits for. Implemented by server/poller
// and by tests. One wait at a time for each direction, a new one replaces it; on the connection's
// worker. Destroyed, it forgets whom it was to call.
#pragma once

#include <memory>

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
  // The last read or write took or left all there was, so that what comes now is news. Without it
  // a wait may end at once for what has been seen already.
  virtual void drained() {}
  virtual void filled() {}
  // Something came, or the peer has gone, since drained(): of a connection nobody waits on.
  virtual bool is_stirred() const { return false; }
};

// Makes one for a socket that somebody else owns and closes after it.
class ReadinessSource {
 public:
  virtual ~ReadinessSource() = default;
  virtual std::unique_ptr<Readiness> watch(int socket) = 0;  // nullptr: the system refuses
};

}  // namespace sallyport::http
