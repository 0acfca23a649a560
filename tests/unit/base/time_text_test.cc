#include "base/time_text.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

constexpr std::int64_t kTime = 1'348'469'776'000'000;  // 2012-09-24T06:56:16Z, a Monday

TEST(TimeText, Formats) {
  EXPECT_EQ(rfc3339_seconds(kTime), "2012-09-24T06:56:16Z");
  EXPECT_EQ(rfc3339(kTime + 42), "2012-09-24T06:56:16.000042Z");
  EXPECT_EQ(imf_fixdate(kTime), "Mon, 24 Sep 2012 06:56:16 GMT");
  EXPECT_EQ(rfc5322_date(kTime), "Mon, 24 Sep 2012 06:56:16 +0000");
  EXPECT_EQ(rfc3339_seconds(0), "1970-01-01T00:00:00Z");
}

TEST(TimeText, ZonesKnowDaylightSaving) {
  EXPECT_EQ(iso8601_in_zone(kTime, "Australia/Melbourne"), "2012-09-24T16:56:16+10:00");
  EXPECT_EQ(iso8601_in_zone(kTime + 30LL * 86'400'000'000, "Australia/Melbourne"),
            "2012-10-24T17:56:16+11:00");
  EXPECT_EQ(iso8601_in_zone(kTime, "America/St_Johns"), "2012-09-24T04:26:16-02:30");
  EXPECT_EQ(iso8601_in_zone(kTime, "No/Where"), "2012-09-24T06:56:16+00:00");
  EXPECT_TRUE(is_time_zone("UTC"));
  EXPECT_FALSE(is_time_zone("No/Where"));
}

TEST(TimeText, ParsesRfc3339) {
  EXPECT_EQ(parse_rfc3339("2012-09-24T06:56:16Z"), kTime);
  EXPECT_EQ(parse_rfc3339("2012-09-24T16:56:16.5+10:00"), kTime + 500'000);
  for (const char* text :
       {"", "2012-09-24", "2012-09-24T06:56:16", "2012-02-30T00:00:00Z", "2012-09-24T24:00:00Z",
        "2012-09-24T06:56:16.Z", "2012-09-24 06:56:16Z", "2012-09-24T06:56:16Zjunk"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(PeriodUtc, HoldsTheTime) {
  for (const auto period :
       {QuotaPeriod::Minute, QuotaPeriod::Hour, QuotaPeriod::Day, QuotaPeriod::Month}) {
    const Period held = period_utc(period, kTime);
    EXPECT_LE(held.start_us, kTime);
    EXPECT_GT(held.end_us, kTime);
    EXPECT_EQ(period_utc(period, held.start_us).start_us, held.start_us);
    EXPECT_EQ(period_utc(period, held.end_us).start_us, held.end_us);
    EXPECT_EQ(period_utc(period, held.end_us - 1).start_us, held.start_us);
  }
  const Period february = period_utc(QuotaPeriod::Month, *parse_rfc3339("2028-02-29T12:00:00Z"));
  EXPECT_EQ(rfc3339_seconds(february.start_us), "2028-02-01T00:00:00Z");
  EXPECT_EQ(rfc3339_seconds(february.end_us), "2028-03-01T00:00:00Z");
}

}  // namespace
}  // namespace sallyport
