#include "auth/verifier.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

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
    EXPECT_TRUE(verifier_.verify({proof, verifier_text, password, {}, UserId{1}}, loop_,
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
  ASSERT_TRUE(verifier_.verify({busy, slow, "busy", {}, UserId{1}}, loop_, count));
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(verifier_.verify({proof, stored, "password", {}, UserId{1}}, loop_, count))
        << "joined ones take no place in the queue of 4";
  }
  while (answered < 21) loop_.run_one();
  EXPECT_EQ(verifier_.hashed(), 2U);
}

TEST_F(VerifierTest, AFullPoolIsToldAtOnce) {
  const std::string slow = *hash_password("busy", {8192, 2, 1}, random_);
  int accepted = 0;
  int answered = 0;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Proof proof = verifier_.proofs().of(UserId{i + 1}, 1, "busy");
    accepted +=
        verifier_.verify({proof, slow, "busy", {}, UserId{1}}, loop_, [&](Verdict) { ++answered; })
            ? 1
            : 0;
  }
  EXPECT_LE(accepted, 6) << "four wait, one runs, one may have ended";
  while (answered < accepted) loop_.run_one();
}

TEST_F(VerifierTest, NothingIsPostedAfterStop) {
  verifier_.stop();
  EXPECT_FALSE(verifier_.verify({Proof{1, 2}, "", "x"}, loop_, [](Verdict) { FAIL(); }));
  EXPECT_FALSE(verifier_.hash("x", loop_, [](Result<std::string>) { FAIL(); }));
}

TEST_F(VerifierTest, WhoMustMakeRoomHearsThatItIsBusy) {
  const std::string slow = *hash_password("busy", {8192, 2, 1}, random_);
  std::vector<Verdict> verdicts;
  for (std::uint64_t i = 0; i < 5; ++i) {
    const Proof proof = verifier_.proofs().of(UserId{i + 1}, 1, "busy");
    ASSERT_TRUE(verifier_.verify({proof, slow, "busy", {}, {}, 1}, loop_,
                                 [&](Verdict verdict) { verdicts.push_back(verdict); }));
    if (i == 0) {
      while (verifier_.waiting() > 0) std::this_thread::yield();  // until its thread has it
    }
  }
  const Proof other = verifier_.proofs().of(UserId{9}, 1, "busy");
  ASSERT_TRUE(verifier_.verify({other, slow, "busy", {}, {}, 2}, loop_,
                               [&](Verdict verdict) { verdicts.push_back(verdict); }));
  loop_.run_one();
  EXPECT_EQ(verdicts.front(), Verdict::Busy);
  while (verdicts.size() < 6) loop_.run_one();
}

TEST_F(VerifierTest, AProvenPasswordOfAnotherKindIsHashedAnew) {
  std::mutex mutex;
  std::vector<PasswordUpgrade> upgrades;
  verifier_.on_upgrade([&](PasswordUpgrade upgrade) {
    const std::lock_guard guard(mutex);
    upgrades.push_back(std::move(upgrade));
  });
  const std::string bcrypt = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";
  EXPECT_EQ(verify(bcrypt, "wrong"), Verdict::Wrong);
  EXPECT_EQ(verify(*hash_password("password", kCheap, random_), "password"), Verdict::Right);
  EXPECT_EQ(verify(bcrypt, "correct horse"), Verdict::Right);
  verifier_.stop();
  ASSERT_EQ(upgrades.size(), 1U);
  EXPECT_EQ(upgrades[0].user, UserId{1});
  EXPECT_EQ(upgrades[0].from, bcrypt);
  EXPECT_TRUE(upgrades[0].to.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_EQ(verify_password(upgrades[0].to, "correct horse"), Verdict::Right);
  EXPECT_EQ(upgrades[0].proof, verifier_.proofs().of(UserId{1}, 1, "correct horse"));
}

TEST_F(VerifierTest, HashesANewPassword) {
  std::string made;
  ASSERT_TRUE(verifier_.hash("tulip-42", loop_,
                             [&](Result<std::string> hashed) { made = hashed.value_or(""); }));
  loop_.run_one();
  EXPECT_EQ(verify_password(made, "tulip-42"), Verdict::Right);
}

}  // namespace
}  // namespace sallyport::auth
