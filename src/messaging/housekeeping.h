// What must happen to messages without anybody asking: copies of those that repeat, when their time
// has come, and the end of those that have been kept long enough. Runs on the delivery loop; a
// store that is away only delays. Owned by the composition.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/random.h"
#include "base/task.h"
#include "config/config.h"
#include "messaging/message_store.h"
#include "messaging/sender_directory.h"

namespace sallyport::messaging {

class Housekeeping {
 public:
  // All of these outlive it; `wake` is called when there is a new message.
  Housekeeping(const config::Messaging& config, MessageStore& store, const SenderDirectory& senders,
               Loop& loop, const Clock& clock, Random& random, std::function<void()> wake);
  ~Housekeeping();  // on the loop, or after it has ended
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  void start();  // any thread
  void stop();   // any thread: nothing new begins

 private:
  void turn();
  Task<void> round();
  Task<void> repeat_all();
  Task<void> purge_all();

  const config::Messaging& config_;
  MessageStore& store_;
  const SenderDirectory& senders_;
  Loop& loop_;
  const Clock& clock_;
  Random& random_;
  std::function<void()> wake_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool stopping_ = false;
  bool busy_ = false;
  std::int64_t next_purge_us_ = 0;
  Task<void> task_;
};

}  // namespace sallyport::messaging
