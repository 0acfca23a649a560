// The delivery thread: its event loop, and connections out of it over TCP and TLS. Owned by the
// composition; everything that was made for the loop (scheduler, channels, streams) goes after
// stop() and before it. post() from any thread; stop() once, from another thread. Failing to make a
// thread ends the process; a connection that cannot be made is an Error.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/loop.h"
#include "messaging/connector.h"

namespace sallyport::messaging {

class DeliveryLoop final : public Loop {
 public:
  explicit DeliveryLoop(const Clock& clock);
  ~DeliveryLoop() override;  // stops
  DeliveryLoop(const DeliveryLoop&) = delete;
  DeliveryLoop& operator=(const DeliveryLoop&) = delete;

  void post(Callback callback) override;
  void at(std::int64_t monotonic_us, Callback callback) override;

  // Connections of this loop; goes before it.
  std::unique_ptr<Connector> make_connector();

  // Accepts at the IP address; `taken` is called on the loop. Any thread; the acceptor goes as the
  // connector does. Port 0: the system chooses.
  Result<std::unique_ptr<Acceptor>> listen(const std::string& address, std::uint16_t port,
                                           std::function<void(std::unique_ptr<Stream>)> taken);

  // Ends the thread. What was posted and has not run by then never runs.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::messaging
