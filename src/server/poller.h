// Readiness of many sockets over one edge-triggered epoll set of its own, which the worker's loop
// watches as a single descriptor: a socket is added once and costs no system call per wait. Owned
// by a worker, used on its thread only; outlives what it makes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "http/readiness.h"

namespace sallyport::server {

class Poller final : public http::ReadinessSource {
 public:
  // `post` runs a callback in a later turn of the loop.
  explicit Poller(std::function<void(Callback)> post);
  ~Poller() override;

  int descriptor() const { return epoll_; }  // readable while run() has something to do
  void run();
  std::unique_ptr<http::Readiness> watch(int socket) override;

 private:
  class Watched;
  struct Slot {
    Watched* watched = nullptr;
    std::uint32_t generation = 0;
  };
  void due(Watched& watched);
  void run_due();

  std::function<void(Callback)> post_;
  int epoll_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint64_t> due_;  // tickets of those whose wait is over
  std::vector<std::uint64_t> running_;
  bool posted_ = false;
};

}  // namespace sallyport::server
