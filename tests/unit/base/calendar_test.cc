#include "base/calendar.h"

#include <gtest/gtest.h>

#include <random>

namespace sallyport {
namespace {

std::int64_t at(const char* text) { return *parse_rfc3339(text); }

TEST(Calendar, Periods) {
  const struct {
    const char *sentence, *zone;
    QuotaPeriod period;
    std::uint8_t anchor;
    const char *time, *start, *end;
  } rows[] = {
      {"a day in UTC", "UTC", QuotaPeriod::Day, 1, "2026-11-24T13:00:00Z", "2026-11-24T00:00:00Z",
       "2026-11-25T00:00:00Z"},
      {"a day in Berlin, in winter", "Europe/Berlin", QuotaPeriod::Day, 1, "2026-11-24T23:30:00Z",
       "2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z"},
      {"the day that has 25 hours", "Europe/Berlin", QuotaPeriod::Day, 1, "2026-10-25T00:30:00Z",
       "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"},
      {"the day that has 23", "Europe/Berlin", QuotaPeriod::Day, 1, "2026-03-29T12:00:00Z",
       "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"},
      {"the hour before the clock goes back", "Europe/Berlin", QuotaPeriod::Hour, 1,
       "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
      {"and the same hour once more", "Europe/Berlin", QuotaPeriod::Hour, 1, "2026-10-25T01:30:00Z",
       "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"},
      {"a midnight that does not exist: the day begins at one", "America/Havana", QuotaPeriod::Day,
       1, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"},
      {"a midnight that comes twice: the first", "America/Havana", QuotaPeriod::Day, 1,
       "2026-11-01T05:30:00Z", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"},
      {"hours of a zone half an hour off", "Asia/Kolkata", QuotaPeriod::Hour, 1,
       "2026-11-24T13:00:00Z", "2026-11-24T12:30:00Z", "2026-11-24T13:30:00Z"},
      {"a clock that goes back half an hour ends its hour", "Australia/Lord_Howe",
       QuotaPeriod::Hour, 1, "2026-04-04T15:10:00Z", "2026-04-04T15:00:00Z",
       "2026-04-04T15:30:00Z"},
      {"the day before the one that Samoa left out", "Pacific/Apia", QuotaPeriod::Day, 1,
       "2011-12-30T09:00:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
      {"and the one after", "Pacific/Apia", QuotaPeriod::Day, 1, "2011-12-30T11:00:00Z",
       "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"},
      {"February of a leap year", "UTC", QuotaPeriod::Month, 1, "2028-02-29T23:59:59Z",
       "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
      {"from the 31st, in a month of 29 days", "UTC", QuotaPeriod::Month, 31,
       "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"},
      {"from the 31st, the day before", "UTC", QuotaPeriod::Month, 31, "2028-02-28T23:59:59Z",
       "2028-01-31T00:00:00Z", "2028-02-29T00:00:00Z"},
      {"from the 29th, in a year without one", "UTC", QuotaPeriod::Month, 29,
       "2027-02-28T12:00:00Z", "2027-02-28T00:00:00Z", "2027-03-29T00:00:00Z"},
      {"from the 15th, over the year's end", "Europe/Berlin", QuotaPeriod::Month, 15,
       "2027-01-03T12:00:00Z", "2026-12-14T23:00:00Z", "2027-01-14T23:00:00Z"},
      {"a minute", "Asia/Kolkata", QuotaPeriod::Minute, 1, "2026-11-24T13:00:59.9Z",
       "2026-11-24T13:00:00Z", "2026-11-24T13:01:00Z"},
  };
  for (const auto& row : rows) {
    const auto zone = find_zone(row.zone);
    ASSERT_TRUE(zone) << row.zone;
    const Period found = period_of(*zone, row.period, row.anchor, at(row.time));
    EXPECT_EQ(rfc3339_seconds(found.start_us), row.start) << row.sentence;
    EXPECT_EQ(rfc3339_seconds(found.end_us), row.end) << row.sentence;
  }
}

// Whatever the zone and the time: the periods follow each other without a gap.
TEST(Calendar, PeriodsTileTheTime) {
  const char* zones[] = {"UTC",          "Europe/Berlin",       "America/Havana",
                         "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
                         "Africa/Cairo", "America/Santiago"};
  std::mt19937_64 dice(7);
  for (const char* name : zones) {
    const ZoneId zone = *find_zone(name);
    for (int i = 0; i < 300; ++i) {
      const auto time = static_cast<std::int64_t>(1'262'304'000 + dice() % 800'000'000) * 1'000'000;
      const auto period = static_cast<QuotaPeriod>(dice() % 4);
      const auto anchor = static_cast<std::uint8_t>(1 + dice() % 31);
      const Period one = period_of(zone, period, anchor, time);
      ASSERT_LE(one.start_us, time);
      ASSERT_GT(one.end_us, time);
      ASSERT_EQ(period_of(zone, period, anchor, one.end_us).start_us, one.end_us) << name;
      ASSERT_EQ(period_of(zone, period, anchor, one.start_us).start_us, one.start_us) << name;
      ASSERT_EQ(period_of(zone, period, anchor, one.end_us - 1).end_us, one.end_us) << name;
    }
  }
}

}  // namespace
}  // namespace sallyport
