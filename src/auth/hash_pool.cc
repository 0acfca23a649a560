#include "auth/hash_pool.h"

#include <pthread.h>
#include <sched.h>

#include <utility>

namespace sallyport::auth {

HashPool::HashPool(std::size_t threads, std::size_t queue) : capacity_(queue) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back(&HashPool::run, this);
}

HashPool::~HashPool() { stop(); }

bool HashPool::submit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void HashPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t HashPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void HashPool::run() {
  const sched_param param{};
  // Where it is not allowed the pool still works, only less politely.
  (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &param);
  (void)pthread_setname_np(pthread_self(), "hash");
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace sallyport::auth
