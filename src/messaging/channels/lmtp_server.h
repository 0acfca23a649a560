// Takes bounces in over LMTP (RFC 2033), as a mail server on the same machine or network delivers
// them. Only addresses that we made are taken (bounce_address); what a report says becomes the
// recipient's state before it is answered, so that the server keeps what could not be stored. Owned
// by the composition, on the delivery loop. Bounded in lines, bytes, sessions and time.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/secret.h"
#include "base/task.h"
#include "messaging/bounce_address.h"
#include "messaging/connector.h"
#include "messaging/message_store.h"

namespace sallyport::messaging {

class LmtpServer {
 public:
  // All but the strings outlive it. `domain` and `key` as of the bounce addresses.
  LmtpServer(std::string domain, Secret key, MessageStore& store, Loop& loop, const Clock& clock);
  ~LmtpServer();
  LmtpServer(const LmtpServer&) = delete;
  LmtpServer& operator=(const LmtpServer&) = delete;

  void take(std::unique_ptr<Stream> stream);  // a connection; on the loop
  std::size_t sessions() const { return sessions_.size(); }

 private:
  struct Session {
    std::unique_ptr<Stream> stream;
    std::string buffer;
    bool mail = false;
    std::vector<BounceAddress> recipients;
    Task<void> task;
  };
  using Sessions = std::list<Session>;

  Task<void> run(Sessions::iterator session);
  Task<void> serve(Session* session);
  Task<Result<std::string>> read_line(Session* session);
  Task<bool> say(Session* session, std::string answer);
  Task<bool> command(Session* session, std::string line);
  Task<bool> content(Session* session);
  Task<bool> settle(BounceAddress recipient, std::string_view mail);
  std::int64_t deadline() const;

  const std::string domain_;
  const Secret key_;
  MessageStore& store_;
  Loop& loop_;
  const Clock& clock_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Sessions sessions_;
};

}  // namespace sallyport::messaging
