// LoopWait<T>: waits, in a coroutine on a loop, for one value that a callback will bring. Unlike
// Waiter it may go before the callback: whoever still holds a resolver then resolves nothing. The
// first value counts, later ones are dropped. Everything on the loop's thread but post_to(), whose
// callback any thread may call.
#pragma once

#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/loop.h"

namespace sallyport {

template <class T>
class LoopWait {
  struct State {
    std::optional<T> value;
    std::coroutine_handle<> waiting;
    bool settled = false;  // has its value, or nobody waits for it any more
  };

 public:
  class Resolver {
   public:
    explicit Resolver(std::shared_ptr<State> state) : state_(std::move(state)) {}
    void operator()(T value) const {
      if (state_->settled) return;
      state_->settled = true;
      state_->value.emplace(std::move(value));
      if (auto waiting = std::exchange(state_->waiting, {})) waiting.resume();
    }

    bool settled() const { return state_->settled; }

   private:
    std::shared_ptr<State> state_;
  };

  LoopWait() : state_(std::make_shared<State>()) {}
  LoopWait(const LoopWait&) = delete;
  LoopWait& operator=(const LoopWait&) = delete;
  ~LoopWait() {
    state_->settled = true;
    state_->waiting = {};
  }

  Resolver resolver() const { return Resolver(state_); }

  // A callback for another thread: brings its value to the loop.
  std::move_only_function<void(T)> post_to(Loop& loop) const {
    return [&loop, resolve = resolver()](T value) {
      loop.post([resolve, value = std::move(value)]() mutable { resolve(std::move(value)); });
    };
  }

  bool await_ready() const noexcept { return state_->value.has_value(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { state_->waiting = waiting; }
  T await_resume() { return std::move(*state_->value); }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace sallyport
