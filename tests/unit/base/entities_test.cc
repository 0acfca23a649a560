#include "base/entities.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Words, RoundTrip) {
  for (int i = 0; i <= static_cast<int>(Status::Deleted); ++i) {
    const auto status = static_cast<Status>(i);
    EXPECT_EQ(parse_status(to_string(status)), status);
  }
  for (const auto period :
       {QuotaPeriod::Minute, QuotaPeriod::Hour, QuotaPeriod::Day, QuotaPeriod::Month}) {
    EXPECT_EQ(parse_quota_period(to_string(period)), period);
  }
  EXPECT_EQ(parse_environment("test"), Environment::Test);
  EXPECT_FALSE(parse_environment("Test")) << "words are lower case";
  EXPECT_FALSE(parse_status(""));
}

}  // namespace
}  // namespace sallyport
