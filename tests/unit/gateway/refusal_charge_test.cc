#include "gateway/refusal_charge.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class RefusalChargeTest : public DoorsFixture {
 protected:
  RefusalChargeTest() {
    parse(good());
    context_.reset(request_, loop_);
    context_.key_id = {7};
  }
  RefusalCharge charges_{budget_};
};

TEST_F(RefusalChargeTest, ARequestIsChargedOnceAndGetsItBack) {
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(charges_.charge(context_)) << "the same request";
  charges_.refund(context_);
  charges_.refund(context_);
  for (int i = 0; i < 20; ++i) {
    context_.charged = false;
    EXPECT_TRUE(charges_.charge(context_)) << "no more than it was charged came back";
  }
  context_.charged = false;
  EXPECT_FALSE(charges_.charge(context_));
  EXPECT_TRUE(charges_.spent(context_));
  context_.charged = true;
  EXPECT_FALSE(charges_.spent(context_)) << "this one has paid";
  const Rejected rejected = charges_.over_budget(context_);
  EXPECT_EQ(rejected.reason, Reason::TooManyFailures);
  EXPECT_GE(rejected.retry_after_s, 1);
}

}  // namespace
}  // namespace sallyport::gateway
