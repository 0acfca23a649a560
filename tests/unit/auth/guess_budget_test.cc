#include "auth/guess_budget.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sallyport::auth {
namespace {

using Answer = GuessBudget::Answer;

constexpr std::int64_t kSecond = 1'000'000;

class GuessBudgetTest : public testing::Test {
 protected:
  using Guess = GuessBudget::Guess;
  static Guess of(std::uint64_t name, std::uint64_t source, bool familiar = false) {
    return {name * 0x9E3779B97F4A7C15ULL, KeyId{1}, source, familiar, false};
  }
  Answer fail(const Guess& guess) {
    const Answer answer = budget_.begin(guess).answer;
    if (answer == Answer::Go) budget_.wrong(guess);
    return answer;
  }
  Answer succeed(const Guess& guess) {
    const Answer answer = budget_.begin(guess).answer;
    if (answer == Answer::Go) budget_.right(guess);
    return answer;
  }
  int failures_until_spent(const Guess& guess) {
    int count = 0;
    while (fail(guess) == Answer::Go) ++count;
    return count;
  }
  ManualClock clock_;
  SeededRandom random_{5};
  GuessBudget budget_{{10, 100, 30}, clock_, random_};
};

TEST_F(GuessBudgetTest, APairHasTenThenOneTryPerStep) {
  EXPECT_EQ(failures_until_spent(of(1, 1)), 10);
  EXPECT_EQ(budget_.peek(of(1, 1)).answer, Answer::Spent);
  for (const std::int64_t step : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    EXPECT_EQ(budget_.peek(of(1, 1)).retry_after_s, step);
    clock_.advance_us(step * kSecond - 1);
    EXPECT_EQ(fail(of(1, 1)), Answer::Spent) << step;
    clock_.advance_us(1);
    EXPECT_EQ(fail(of(1, 1)), Answer::Go) << step;
    EXPECT_EQ(fail(of(1, 1)), Answer::Spent) << "one try, not two";
  }
}

TEST_F(GuessBudgetTest, TheStepsTryIsTakenWhenItBegins) {
  failures_until_spent(of(1, 1));
  clock_.advance_us(kSecond);
  ASSERT_EQ(budget_.begin(of(1, 1)).answer, Answer::Go);
  EXPECT_EQ(budget_.begin(of(1, 1)).answer, Answer::Spent);
  clock_.advance_us(10 * kSecond);
  EXPECT_EQ(budget_.begin(of(1, 1)).answer, Answer::Spent) << "still under way";
  budget_.right(of(1, 1));
  EXPECT_EQ(fail(of(1, 1)), Answer::Go) << "a success resets";
}

TEST_F(GuessBudgetTest, ChecksUnderWayCountAsFailuresUntilTheyAreNone) {
  for (int i = 0; i < 10; ++i) ASSERT_EQ(budget_.begin(of(1, 1)).answer, Answer::Go);
  EXPECT_EQ(budget_.begin(of(1, 1)).answer, Answer::Busy) << "not spent: nobody has failed";
  budget_.right(of(1, 1));
  EXPECT_EQ(budget_.begin(of(1, 1)).answer, Answer::Go);
  budget_.undecided(of(1, 1));
  EXPECT_EQ(budget_.begin(of(1, 1)).answer, Answer::Go);
}

// Whose source has spent a budget elsewhere has one try at a time, and whoever comes meanwhile
// waits for its end: it may be right, and then nobody was to be refused.
TEST_F(GuessBudgetTest, AMeteredFamiliarSourceWaitsForTheTryThatIsUnderWay) {
  Guess hers = of(1, 1, true);
  hers.metered = true;
  ASSERT_EQ(budget_.begin(hers).answer, Answer::Go);
  EXPECT_EQ(budget_.begin(hers).answer, Answer::Busy);
  EXPECT_EQ(budget_.accept(hers).answer, Answer::Busy) << "a proven one shows no earlier";
  budget_.right(hers);
  EXPECT_EQ(budget_.accept(hers).answer, Answer::Go);
  EXPECT_EQ(budget_.accept(hers).answer, Answer::Go) << "holds nothing";
  EXPECT_EQ(fail(hers), Answer::Go);
  EXPECT_EQ(budget_.begin(hers).answer, Answer::Spent);
  EXPECT_EQ(budget_.accept(hers).answer, Answer::Spent);
  clock_.advance_us(kSecond);
  EXPECT_EQ(budget_.accept(hers).answer, Answer::Go);
}

TEST_F(GuessBudgetTest, AnAcceptedOneForgivesWhatItsNameFailed) {
  for (int i = 0; i < 9; ++i) fail(of(1, 1));
  EXPECT_EQ(budget_.accept(of(1, 1)).answer, Answer::Go);
  EXPECT_EQ(failures_until_spent(of(1, 1)), 10);
  EXPECT_EQ(budget_.accept(of(1, 1)).answer, Answer::Spent);
}

TEST_F(GuessBudgetTest, ASourceHasAHundredOverAllNames) {
  int count = 0;
  while (fail(of(100 + static_cast<std::uint64_t>(count), 1)) == Answer::Go) ++count;
  EXPECT_EQ(count, 100);
  EXPECT_EQ(succeed(of(1, 2)), Answer::Go) << "another source";
  EXPECT_EQ(succeed(of(1, 1, true)), Answer::Go) << "a name that is familiar there";
}

TEST_F(GuessBudgetTest, ANameHasThirtyOverAllUnfamiliarSources) {
  int count = 0;
  while (fail(of(1, 100 + static_cast<std::uint64_t>(count))) == Answer::Go) ++count;
  EXPECT_EQ(count, 30);
  EXPECT_EQ(succeed(of(1, 1, true)), Answer::Go) << "never touches a familiar source";
  EXPECT_EQ(fail(of(1, 7)), Answer::Spent);
  EXPECT_EQ(fail(of(2, 7)), Answer::Go) << "another name";
}

// A million guesses at somebody from everywhere, also from her own network at other names.
TEST_F(GuessBudgetTest, NobodyLocksSomebodyElseOut) {
  const Guess hers = of(1, 1, true);
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    fail(of(1, 1'000 + i));
    fail(of(1'000 + i, 1));
    if (i % 1'000 != 0) continue;
    clock_.advance_us(kSecond);
    EXPECT_EQ(succeed(hers), Answer::Go) << i;
  }
}

TEST_F(GuessBudgetTest, ASuccessForgivesOnlyWhatItsOwnNameFailed) {
  for (int i = 0; i < 5; ++i) fail(of(1, 1));
  for (std::uint64_t i = 0; i < 95; ++i) EXPECT_EQ(fail(of(100 + i, 1)), Answer::Go);
  clock_.advance_us(kSecond);
  EXPECT_EQ(succeed(of(1, 1)), Answer::Go);
  int more = 0;
  while (fail(of(500 + static_cast<std::uint64_t>(more), 1)) == Answer::Go) ++more;
  EXPECT_EQ(more, 5) << "an account of one's own is no way to go on guessing";
}

TEST_F(GuessBudgetTest, AnOperatorUnlocks) {
  failures_until_spent(of(1, 1));
  while (fail(of(1, clock_.monotonic_us() % 1'000 + 7)) == Answer::Go) clock_.advance_us(1);
  budget_.unlock_name(of(1, 1).name);
  clock_.advance_us(1);
  EXPECT_EQ(failures_until_spent(of(1, 1)), 10);
  while (fail(of(random_.next_u64(), 1)) == Answer::Go) {
  }
  budget_.unlock_source(1);
  clock_.advance_us(1);
  EXPECT_EQ(fail(of(random_.next_u64(), 1)), Answer::Go);
}

TEST_F(GuessBudgetTest, SilenceForgivesSlowly) {
  failures_until_spent(of(1, 1));
  clock_.advance_us(300 * kSecond);
  EXPECT_EQ(failures_until_spent(of(1, 1)), 1);
  clock_.advance_us(24LL * 3600 * kSecond);
  EXPECT_EQ(failures_until_spent(of(1, 1)), 10);
}

TEST_F(GuessBudgetTest, EvictedCountersFallIntoTheSketchNeverToZero) {
  const Guess spent = of(1, 1);
  failures_until_spent(spent);
  GuessBudget unlimited({10, 0, 0}, clock_, random_);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(unlimited.begin(spent).answer, Answer::Go);
    unlimited.wrong(spent);
  }
  const bool thorough = std::getenv("SALLYPORT_LONG") != nullptr;
  const std::uint64_t sources = thorough ? 1'000'000 : 120'000;
  // So many sources, each of which fails as often, so that nothing is less worth keeping.
  for (std::uint64_t i = 0; i < sources; ++i) {
    const Guess other = of(2 + i, 2 + i);
    for (int n = 0; n < (i < 100'000 ? 11 : 1); ++n) {
      if (unlimited.begin(other).answer == Answer::Go) unlimited.wrong(other);
    }
  }
  EXPECT_GT(unlimited.evicted(), 20'000U);
  EXPECT_EQ(unlimited.peek(spent).answer, Answer::Spent);
  clock_.advance_us(kSecond);
  EXPECT_EQ(unlimited.begin(spent).answer, Answer::Go) << "and after a second it has its try";
}

TEST_F(GuessBudgetTest, NoneIsNoBudget) {
  GuessBudget off({0, 0, 0}, clock_, random_);
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(off.begin(of(1, 1)).answer, Answer::Go);
    off.wrong(of(1, 1));
  }
}

TEST_F(GuessBudgetTest, NamesAreOfAnAccount) {
  EXPECT_EQ(budget_.name_of(AccountId{1}, "ann"), budget_.name_of(AccountId{1}, "ann"));
  EXPECT_NE(budget_.name_of(AccountId{1}, "ann"), budget_.name_of(AccountId{2}, "ann"));
  EXPECT_NE(budget_.name_of(AccountId{1}, "ann"), budget_.name_of(AccountId{1}, "anne"));
}

}  // namespace
}  // namespace sallyport::auth
