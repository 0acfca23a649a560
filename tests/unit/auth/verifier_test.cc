#include "auth/verifier.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>

namespace sallyport::auth {
namespace {

constexpr Argon2Cost kCheap{64, 1, 1};

class QueueLoop final : public Loop {
 public:
  void post(Callback callback) override {
    {
      const std::lock_guard guard(mutex_);
      posted_.push_back(std::move(callback));
    }
    wake_.notify_one();
  }
  void at(std::int64_t, Callback) override {}
  void run_one() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !posted_.empty(); });
    Callback callback = std::move(posted_.front());
    posted_.pop_front();
    lock.unlock();
    callback();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Callback> posted_;
};

class VerifierTest : public testing::Test {
 protected:
  Verdict verify(std::string_view verifier_text, std::string_view password) {
    Verdict found = Verdict::Unusable;
    const Proof proof = verifier_.proofs().of(UserId{1}, 1, password);
    EXPECT_TRUE(verifier_.verify(proof, verifier_text, password, loop_,
                                 [&found](Verdict verdict) { found = verdict; }));
    loop_.run_one();
    return found;
  }
  SeededRandom random_{1};
  QueueLoop loop_;
  Verifier verifier_{{kCheap, 1, 4}, random_};
};

TEST_F(VerifierTest, TellsRightFromWrong) {
  const std::string stored = *hash_password("password", kCheap, random_);
  EXPECT_EQ(verify(stored, "password"), Verdict::Right);
  EXPECT_EQ(verify(stored, "passwore"), Verdict::Wrong);
  EXPECT_EQ(verify("not a verifier", "password"), Verdict::Unusable);
}

TEST_F(VerifierTest, AnUnknownNameCostsOneRealHash) {
  const std::uint64_t before = verifier_.hashed();
  EXPECT_EQ(verify("", "password"), Verdict::Wrong);
  EXPECT_EQ(verifier_.hashed(), before + 1);
}

TEST_F(VerifierTest, EqualChecksAreHashedOnce) {
  // 8 MiB keep the one thread busy long enough for the rest to be told to it.
  const std::string slow = *hash_password("busy", {8192, 2, 1}, random_);
  const std::string stored = *hash_password("password", kCheap, random_);
  int answered = 0;
  auto count = [&answered](Verdict) { ++answered; };
  const Proof busy = verifier_.proofs().of(UserId{9}, 1, "busy");
  const Proof proof = verifier_.proofs().of(UserId{1}, 1, "password");
  ASSERT_TRUE(verifier_.verify(busy, slow, "busy", loop_, count));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(verifier_.verify(proof, stored, "password", loop_, count))
        << "joined ones take no place in the queue of 4";
  }
  while (answered < 21) loop_.run_one();
  EXPECT_EQ(verifier_.hashed(), 2U);
}

TEST_F(VerifierTest, AFullPoolIsToldAtOnce) {
  const std::string slow = *hash_password("busy", {65536, 4, 1}, random_);
  int accepted = 0;
  int answered = 0;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Proof proof = verifier_.proofs().of(UserId{i + 1}, 1, "busy");
    accepted += verifier_.verify(proof, slow, "busy", loop_, [&](Verdict) { ++answered; }) ? 1 : 0;
  }
  EXPECT_LE(accepted, 6) << "four wait, one runs, one may have ended";
  while (answered < accepted) loop_.run_one();
}

TEST_F(VerifierTest, NothingIsPostedAfterStop) {
  verifier_.stop();
  EXPECT_FALSE(verifier_.verify(Proof{1, 2}, "", "x", loop_, [](Verdict) { FAIL(); }));
}

}  // namespace
}  // namespace sallyport::auth
