// A bounded pool of threads for slow password hashes, at SCHED_IDLE so that unproven guesses never
// take the CPU from requests. Owned by Verifier. submit() from any thread; a full queue is refused
// at once. What waits when it stops is dropped.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sallyport::auth {

class HashPool {
 public:
  using Work = std::move_only_function<void()>;

  HashPool(std::size_t threads, std::size_t queue);
  ~HashPool();  // stop()
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  bool submit(Work work);  // false: full, or stopping
  void stop();             // returns when no thread runs any more
  std::size_t waiting() const;

 private:
  void run();

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sallyport::auth
