#include "admin/limit_options.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sallyport::admin {
namespace {

TEST(LimitOptions, AQuotaNeedsItsCalendar) {
  const auto options = limit_options("r", "b", "q");
  for (const char* name : {"rate", "burst", "window", "quota", "quota-period", "quota-anchor",
                           "quota-zone", "concurrency"}) {
    EXPECT_NE(std::ranges::find(options, name, &OptionInfo::name), options.end()) << name;
  }
  EXPECT_EQ(rate_options("r", "b").size(), 3U);
}

}  // namespace
}  // namespace sallyport::admin
