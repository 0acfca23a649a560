#include "gateway/threshold_filter.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

using ThresholdFilterTest = DoorsFixture;

TEST_F(ThresholdFilterTest, TheQuotaIsTakenOncePerAdmittedRequest) {
  set_limits({{}, {}, 3, QuotaPeriod::Day});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(reason(good()), Reason::Ok) << i;
    EXPECT_EQ(used(), static_cast<std::uint64_t>(i + 1)) << "also after a wait for the mark";
  }
  const Answer over = run(good());
  const auto* refusal = std::get_if<Refusal>(&over);
  ASSERT_NE(refusal, nullptr);
  EXPECT_EQ(refusal->reason, Reason::OverQuota);
  EXPECT_EQ(context_.over, "subscription");
  EXPECT_GT(refusal->retry_after_s, 0);
  EXPECT_GT(context_.decided_us, 0);
}

TEST_F(ThresholdFilterTest, ASpentThresholdRefusesBeforeThePassword) {
  set_limits({1, {}, {}, QuotaPeriod::Day});
  EXPECT_EQ(reason(good()), Reason::Ok);
  const std::uint64_t hashed = verifier_.hashed();
  Sent wrong = good();
  wrong.fields[1].second = basic("john.smith", "wrong");
  EXPECT_EQ(reason(wrong), Reason::OverRate);
  EXPECT_EQ(verifier_.hashed(), hashed) << "no password work";
  clock_.advance_us(2'000'000);
  EXPECT_EQ(reason(wrong), Reason::PasswordWrong);
}

// Whoever finds a key and has no password spends nothing of its owner's.
TEST_F(ThresholdFilterTest, ALeakedKeyWithoutAPasswordChargesNobody) {
  set_limits({5, {}, 40, QuotaPeriod::Month});
  Sent wrong = good();
  Sent none = good();
  none.fields.pop_back();
  for (int i = 0; i < 500; ++i) {
    wrong.fields[1].second = basic("john.smith", "guess" + std::to_string(i));
    EXPECT_NE(reason(wrong), Reason::Ok);
    EXPECT_NE(reason(none), Reason::Ok);
    clock_.advance_us(10'000);
  }
  EXPECT_EQ(used(), 0U);
  Sent elsewhere = good();
  elsewhere.client = "198.51.100.7";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(reason(elsewhere), Reason::Ok) << "the rate is whole";
  EXPECT_EQ(used(), 5U);
}

TEST_F(ThresholdFilterTest, ARefusedPermissionChargesNobody) {
  set_limits({5, {}, 40, QuotaPeriod::Month});
  add_user("reader", Status::Active, {{kReaderRole, {}}});
  Sent sent = good(http::Method::Post);
  sent.fields[1].second = basic("reader", kPassword);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(reason(sent), Reason::NoPermission);
  EXPECT_EQ(used(), 0U);
}

TEST_F(ThresholdFilterTest, AStoreThatIsAwayIsOurFailure) {
  set_limits({{}, {}, 40, QuotaPeriod::Month});
  store_.away = true;
  EXPECT_EQ(reason(good()), Reason::StoreAway);
  EXPECT_EQ(used(), 0U);
  store_.away = false;
  EXPECT_EQ(reason(good()), Reason::Ok);
}

TEST_F(ThresholdFilterTest, ZeroBlocks) {
  set_limits({0, {}, {}, QuotaPeriod::Day});
  EXPECT_EQ(reason(good()), Reason::OverRate);
  set_limits({{}, {}, 0, QuotaPeriod::Day});
  EXPECT_EQ(reason(good()), Reason::OverQuota);
}

}  // namespace
}  // namespace sallyport::gateway
