// Looks the names of endpoints up again from time to time, on a thread of its own: a look-up
// blocks. Owned by the server; ends with it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "proxy/upstreams.h"

namespace sallyport::proxy {

class Resolver {
 public:
  Resolver();
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // From now on these; any thread.
  void use(std::shared_ptr<Upstreams> upstreams);

 private:
  void run();

  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::shared_ptr<Upstreams> upstreams_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace sallyport::proxy
