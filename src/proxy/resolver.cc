#include "proxy/resolver.h"

#include <chrono>
#include <utility>

namespace sallyport::proxy {
namespace {

constexpr std::chrono::seconds kAgain{30};

}  // namespace

Resolver::Resolver() : thread_([this] { run(); }) {}

Resolver::~Resolver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Resolver::use(std::shared_ptr<Upstreams> upstreams) {
  const std::lock_guard lock(mutex_);
  upstreams_ = std::move(upstreams);
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kAgain, [this] { return stopping_; })) {
    const std::shared_ptr<Upstreams> upstreams = upstreams_;
    lock.unlock();
    if (upstreams) upstreams->resolve();
    lock.lock();
  }
}

}  // namespace sallyport::proxy
