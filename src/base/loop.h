// A thread's event loop as the rest of the code sees it: post work to it, ask for a call later.
// Implemented by server/Worker on Asio and by a hand-cranked loop in tests.
#pragma once

#include <cstdint>
#include <functional>

namespace sallyport {

using Callback = std::move_only_function<void()>;

class Loop {
 public:
  virtual ~Loop() = default;
  // Runs `callback` on the loop's thread, in the order of posting. Any thread may call this.
  virtual void post(Callback callback) = 0;
  // Runs `callback` once, at or after the monotonic time. Only on the loop's own thread.
  virtual void at(std::int64_t monotonic_us, Callback callback) = 0;
};

}  // namespace sallyport
