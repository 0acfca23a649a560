// Who frees what a writer has taken from under readers that hold no lock. Called by the writer's
// thread; owned by the composition, and outlives the tables that retire to it.
#pragma once

#include <functional>

namespace sallyport {

// Frees what the writer retired after every reader has passed a quiescent point.
class Reclaimer {
 public:
  virtual ~Reclaimer() = default;
  virtual void retire(std::move_only_function<void()> destroy) = 0;
};

// For tests and one-thread use: frees at once.
class ImmediateReclaimer final : public Reclaimer {
 public:
  void retire(std::move_only_function<void()> destroy) override { destroy(); }
};

}  // namespace sallyport
