// The admin socket, DIR/admin.sock (0600): one connection at a time, one request and one reply
// each. Who asks is what the kernel says of the peer; only root and the server's own user are
// heard. AdminSocket has a thread of its own, which calls the handler; stop() ends it. A peer that
// is slow is dropped after five seconds. The client's side is for the command line.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admin/command.h"

namespace sallyport::admin {

class AdminSocket {
 public:
  using Handler = std::function<CommandReply(const CommandRequest&)>;
  // Called about once a second, between two requests, on the handler's thread.
  using Idle = std::function<void()>;

  // Whoever opens it holds the store's lock, so a socket file that is there is a leftover.
  static Result<std::unique_ptr<AdminSocket>> open(const std::string& directory, Handler handler,
                                                   Idle idle = {});
  ~AdminSocket();
  void stop();  // after the request that is being answered; removes the file

 private:
  struct State;

 public:
  explicit AdminSocket(std::unique_ptr<State> state);  // for open(): nobody else has a State

 private:
  std::unique_ptr<State> state_;
};

// NotFound: nobody listens there. Unavailable: somebody does, but there was no answer.
Result<CommandReply> send_command(const std::string& directory, const CommandRequest& request);

}  // namespace sallyport::admin
