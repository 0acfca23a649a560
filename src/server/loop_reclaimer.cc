#include "server/loop_reclaimer.h"

#include <memory>
#include <utility>

namespace sallyport::server {
namespace {

// Whoever drops the last reference runs the destruction.
struct Retired {
  explicit Retired(std::move_only_function<void()> destroy) : destroy_(std::move(destroy)) {}
  Retired(const Retired&) = delete;
  Retired& operator=(const Retired&) = delete;
  ~Retired() { destroy_(); }

 private:
  std::move_only_function<void()> destroy_;
};

}  // namespace

void LoopReclaimer::retire(std::move_only_function<void()> destroy) {
  auto retired = std::make_shared<Retired>(std::move(destroy));
  for (Loop* reader : readers_) reader->post([retired] {});
}

}  // namespace sallyport::server
