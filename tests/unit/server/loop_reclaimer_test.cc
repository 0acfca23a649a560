#include "server/loop_reclaimer.h"

#include <gtest/gtest.h>

#include <deque>

namespace sallyport::server {
namespace {

class SlowLoop final : public Loop {
 public:
  void post(Callback callback) override { waiting_.push_back(std::move(callback)); }
  void at(std::int64_t, Callback) override { FAIL() << "not used here"; }
  void turn() {
    for (auto& callback : waiting_) callback();
    waiting_.clear();
  }

 private:
  std::deque<Callback> waiting_;
};

TEST(LoopReclaimer, FreesOnlyWhenTheLastReaderHasComeRound) {
  LoopReclaimer reclaimer;
  SlowLoop first, second;
  reclaimer.add_reader(first);
  reclaimer.add_reader(second);
  bool freed = false;
  reclaimer.retire([&freed] { freed = true; });
  EXPECT_FALSE(freed);
  first.turn();
  EXPECT_FALSE(freed) << "the second reader may still hold it";
  second.turn();
  EXPECT_TRUE(freed);
}

TEST(LoopReclaimer, WithoutReadersFreesAtOnce) {
  LoopReclaimer reclaimer;
  bool freed = false;
  reclaimer.retire([&freed] { freed = true; });
  EXPECT_TRUE(freed);
}

}  // namespace
}  // namespace sallyport::server
