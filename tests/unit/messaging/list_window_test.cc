#include "messaging/list_window.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kNow = 1'790'000'000'000'000;
constexpr std::int64_t kDay = 86'400'000'000;

std::expected<ListWindow, std::string> window(
    const std::vector<std::pair<const char*, const char*>>& pairs,
    const std::string& zone = "UTC") {
  http::Request request;
  for (const auto& [name, value] : pairs) request.pairs.push_back({"", name, value});
  return list_window_of(request, kNow, zone);
}

TEST(ListWindow, IsMineAndOfTheLastWeekByDefault) {
  const auto found = window({});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->all_users);
  EXPECT_FALSE(found->label);
  EXPECT_EQ(found->from_us, kNow - 7 * kDay);
  EXPECT_EQ(found->to_us, kNow);
}

TEST(ListWindow, TakesViewTypeAndLabel) {
  const auto found = window({{"viewType", "shared"}, {"label", "blue sky"}});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->all_users);
  EXPECT_EQ(found->label, "blue sky");
  EXPECT_FALSE(window({{"label", ""}})->label);
  EXPECT_FALSE(window({{"viewType", "everything"}}));
}

TEST(ListWindow, TakesDatesInTheAccountsZone) {
  const auto found = window({{"criteriaFromDate", "01/07/2026"},
                             {"criteriaFromTime", "00:00"},
                             {"criteriaToDate", "01/07/2026"},
                             {"criteriaToTime", "23:59"}},
                            "Australia/Melbourne");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(rfc3339_seconds(found->from_us), "2026-06-30T14:00:00Z");
  EXPECT_EQ(rfc3339(found->to_us), "2026-07-01T13:59:59.999999Z") << "the whole last minute";
}

TEST(ListWindow, NeedsAllFourAndWellFormed) {
  using Pairs = std::vector<std::pair<const char*, const char*>>;
  const Pairs bad[] = {
      {{"criteriaFromDate", "01/07/2026"}},
      {{"criteriaFromDate", "01/07/2026"},
       {"criteriaFromTime", "00:00"},
       {"criteriaToDate", "01/07/2026"}},
      {{"criteriaFromDate", "2026-07-01"},
       {"criteriaFromTime", "00:00"},
       {"criteriaToDate", "01/07/2026"},
       {"criteriaToTime", "00:00"}},
      {{"criteriaFromDate", "02/07/2026"},
       {"criteriaFromTime", "00:00"},
       {"criteriaToDate", "01/07/2026"},
       {"criteriaToTime", "00:00"}},
  };
  for (const Pairs& pairs : bad) EXPECT_FALSE(window(pairs));
}

TEST(ListWindow, LocalMinutes) {
  struct Case {
    const char* date;
    const char* time;
    const char* zone;
    const char* expected;  // empty: none
  };
  const Case cases[] = {
      {"24/11/2026", "20:15", "UTC", "2026-11-24T20:15:00Z"},
      {"24/11/2026", "20:15", "Australia/Melbourne", "2026-11-24T09:15:00Z"},
      {"24/06/2026", "20:15", "America/New_York", "2026-06-25T00:15:00Z"},
      {"24/11/2026", "20:15", "Nowhere/Land", "2026-11-24T20:15:00Z"},
      {"04/10/2026", "01:59", "Australia/Melbourne", "2026-10-03T15:59:00Z"},  // before the step
      {"04/10/2026", "03:00", "Australia/Melbourne", "2026-10-03T16:00:00Z"},  // behind it
      // An hour that is left out goes by the offset before it, one that comes twice is the first.
      {"04/10/2026", "02:30", "Australia/Melbourne", "2026-10-03T16:30:00Z"},
      {"14/03/2027", "02:30", "America/New_York", "2027-03-14T07:30:00Z"},
      {"28/03/2027", "02:30", "Europe/Rome", "2027-03-28T01:30:00Z"},
      {"01/11/2026", "01:30", "America/New_York", "2026-11-01T05:30:00Z"},
      {"25/10/2026", "02:30", "Europe/Rome", "2026-10-25T00:30:00Z"},
      {"05/04/2026", "02:30", "Australia/Melbourne", "2026-04-04T15:30:00Z"},
      {"31/02/2026", "00:00", "UTC", ""},
      {"1/2/2026", "00:00", "UTC", ""},
      {"01/02/2026", "24:00", "UTC", ""},
      {"01/02/2026", "0:00", "UTC", ""},
      {"01-02-2026", "00:00", "UTC", ""},
      {"aa/02/2026", "00:00", "UTC", ""},
      {"01/02/1969", "00:00", "UTC", ""},
  };
  for (const Case& one : cases) {
    const auto moment = local_minute(one.date, one.time, one.zone);
    EXPECT_EQ(moment ? rfc3339_seconds(*moment) : "", one.expected) << one.date << " " << one.time;
  }
}

}  // namespace
}  // namespace sallyport::messaging
