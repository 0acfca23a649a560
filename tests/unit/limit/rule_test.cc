#include "limit/rule.h"

#include <gtest/gtest.h>

namespace sallyport::limit {
namespace {

TEST(Rule, HoldersHaveTheNamesOfTheLog) {
  EXPECT_EQ(to_string(Holder::Api), "api");
  EXPECT_EQ(to_string(Holder::Subscription), "subscription");
  EXPECT_EQ(to_string(Holder::Source), "source");
}

TEST(Rule, WhatIsLeftIsNeverLessThanNothing) {
  Standing standing;
  standing.limit = 5;
  standing.used = 3;
  EXPECT_EQ(standing.remaining(), 2U);
  standing.used = 9;
  EXPECT_EQ(standing.remaining(), 0U);
}

}  // namespace
}  // namespace sallyport::limit
