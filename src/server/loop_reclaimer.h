// Frees retired records once every reader's loop has come round: a reader holds a pointer into a
// table only within one turn of its loop. Owned by the server; retire() from any one
// thread at a time per table.
#pragma once

#include <functional>
#include <vector>

#include "base/loop.h"
#include "base/table.h"

namespace sallyport::server {

class LoopReclaimer final : public Reclaimer {
 public:
  // Readers are added before the first change and outlive the traffic.
  void add_reader(Loop& loop) { readers_.push_back(&loop); }
  // After this, nobody reads any more and what is retired is freed at once.
  void readers_are_gone() { readers_.clear(); }

  void retire(std::move_only_function<void()> destroy) override;

 private:
  std::vector<Loop*> readers_;
};

}  // namespace sallyport::server
