#include "auth/token/signature_checks.h"

#include <gtest/gtest.h>

#include <thread>

#include "support/manual_loop.h"

namespace sallyport::auth {
namespace {

Digest digest(std::uint8_t first) {
  Digest made{};
  made[0] = first;
  return made;
}

class PostLoop final : public Loop {
 public:
  void post(Callback callback) override {
    const std::lock_guard guard(mutex_);
    posted_.push_back(std::move(callback));
  }
  void at(std::int64_t, Callback) override {}
  void turn() {
    std::vector<Callback> due;
    {
      const std::lock_guard guard(mutex_);
      due.swap(posted_);
    }
    for (Callback& callback : due) callback();
  }

 private:
  std::mutex mutex_;
  std::vector<Callback> posted_;
};

class SignatureChecksTest : public testing::Test {
 protected:
  bool check(SignatureChecks& checks, std::uint8_t token, std::uint64_t source,
             const std::string& signature) {
    return checks.check(digest(token), source, key_.public_key(), "text", signature, loop_,
                        [this](bool right) { (right ? right_ : wrong_) += 1; });
  }
  void finish(SignatureChecks& checks) {
    while (checks.under_way() != 0) std::this_thread::yield();
    loop_.turn();
  }
  // Keeps the checks' thread busy until `release` is called: its callback's loop blocks.
  SigningKey key_ = SigningKey::generate(TokenAlgorithm::EdDsa, "a");
  PostLoop loop_;
  int right_ = 0;
  int wrong_ = 0;
};

TEST_F(SignatureChecksTest, TellsRightFromWrong) {
  SignatureChecks checks({8, 8});
  EXPECT_TRUE(check(checks, 1, 1, key_.sign("text")));
  EXPECT_TRUE(check(checks, 2, 1, key_.sign("other")));
  finish(checks);
  EXPECT_EQ(right_, 1);
  EXPECT_EQ(wrong_, 1);
  EXPECT_EQ(checks.checked(), 2U);
  EXPECT_EQ(checks.waiting(), 0U);
}

TEST_F(SignatureChecksTest, EqualOnesAreJoinedAndEveryoneIsTold) {
  SignatureChecks checks({4096, 4096});
  const std::string signature = key_.sign("text");
  int taken = 0;
  for (int i = 0; i < 1'000; ++i) taken += check(checks, 1, 1, signature) ? 1 : 0;
  EXPECT_EQ(taken, 1'000);
  finish(checks);
  EXPECT_EQ(right_, 1'000);
  EXPECT_LT(checks.checked(), 1'000U);
}

// A loop whose post() waits, so that the thread stands still while the queue is filled.
class HeldLoop final : public Loop {
 public:
  void post(Callback callback) override {
    held.store(true);
    while (!go.load()) std::this_thread::yield();
    callback();
  }
  void at(std::int64_t, Callback) override {}
  std::atomic<bool> held = false;
  std::atomic<bool> go = false;
};

TEST_F(SignatureChecksTest, OneSourceNeverFillsTheQueue) {
  SignatureChecks checks({4, 2});
  HeldLoop held;
  const std::string signature = key_.sign("text");
  ASSERT_TRUE(checks.check(digest(99), 9, key_.public_key(), "text", signature, held, [](bool) {}));
  while (!held.held.load()) std::this_thread::yield();
  EXPECT_TRUE(check(checks, 1, 1, signature));
  EXPECT_TRUE(check(checks, 2, 1, signature));
  EXPECT_FALSE(check(checks, 3, 1, signature)) << "this source has its share";
  EXPECT_TRUE(check(checks, 4, 2, signature)) << "another one goes on";
  EXPECT_TRUE(check(checks, 5, 3, signature));
  EXPECT_FALSE(check(checks, 6, 4, signature)) << "full";
  EXPECT_EQ(checks.waiting(), 4U);
  held.go = true;
  finish(checks);
  EXPECT_EQ(right_, 4);
  EXPECT_TRUE(check(checks, 3, 1, signature)) << "its share is free again";
  finish(checks);
}

TEST_F(SignatureChecksTest, NothingComesAfterStop) {
  SignatureChecks checks({8, 8});
  checks.stop();
  EXPECT_FALSE(check(checks, 1, 1, key_.sign("text")));
}

}  // namespace
}  // namespace sallyport::auth
