#include "base/task.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport {
namespace {

Task<int> answer(int value) { co_return value; }

Task<int> sum() {
  const int a = co_await answer(40);
  const int b = co_await answer(2);
  co_return a + b;
}

Task<void> run(Waiter<std::string>* waiter, std::string* out) {
  const int first = co_await sum();
  const std::string word = co_await *waiter;
  *out = word + std::to_string(first);
}

TEST(Task, RunsWhenStartedAndResumesItsAwaiter) {
  Waiter<std::string> waiter;
  std::string out;
  Task<void> task = run(&waiter, &out);
  EXPECT_EQ(out, "");
  task.start();
  EXPECT_FALSE(task.done());
  waiter.resolve("x");
  EXPECT_TRUE(task.done());
  EXPECT_EQ(out, "x42");
}

TEST(Waiter, MayBeResolvedBeforeTheAwait) {
  Waiter<std::string> waiter;
  waiter.resolve("early");
  std::string out;
  Task<void> task = run(&waiter, &out);
  task.start();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(out, "early42");
}

TEST(Task, TakesItsFramesAgain) {
  for (int i = 0; i < 1'000; ++i) {
    Waiter<std::string> waiter;
    std::string out;
    Task<void> task = run(&waiter, &out);
    task.start();
    waiter.resolve("x");
    EXPECT_EQ(out, "x42");
  }
  void* large = detail::take_frame(100'000);
  EXPECT_NE(large, nullptr);
  detail::give_frame(large, 100'000);
}

TEST(Task, CanBeDroppedWhileSuspended) {
  Waiter<std::string> waiter;
  std::string out;
  {
    Task<void> task = run(&waiter, &out);
    task.start();
  }
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace sallyport
