#include "messaging/repetition.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace sallyport::messaging::test {
namespace {

TEST(Repetition, Next) {
  struct Case {
    const char* what;
    Repetition repetition;
    const char* before;
    const char* next;        // "" = never
    const char* first = "";  // "" = the one before
  };
  const Case cases[] = {
      {"hours and minutes", {1, 0, 2, 30, "UTC"}, "2026-11-24T09:00:00Z", "2026-11-24T11:30:00Z"},
      {"days", {1, 7, 0, 0, "UTC"}, "2026-11-24T09:00:00Z", "2026-12-01T09:00:00Z"},
      {"nine o'clock stays nine when summer ends",
       {1, 1, 0, 0, "Europe/Rome"},
       "2026-10-24T07:00:00Z",
       "2026-10-25T08:00:00Z"},
      {"nine o'clock stays nine when summer begins",
       {1, 1, 0, 0, "Europe/Rome"},
       "2026-03-28T08:00:00Z",
       "2026-03-29T07:00:00Z"},
      {"hours pass by the clock that only goes on",
       {1, 0, 24, 0, "Europe/Rome"},
       "2026-10-24T07:00:00Z",
       "2026-10-25T07:00:00Z"},
      {"an hour that is left out is an hour later",
       {1, 1, 0, 0, "America/New_York"},
       "2027-03-13T07:30:00Z",
       "2027-03-14T07:30:00Z"},
      {"and comes again the day after",
       {1, 1, 0, 0, "America/New_York"},
       "2027-03-14T07:30:00Z",
       "2027-03-15T06:30:00Z",
       "2027-03-13T07:30:00Z"},
      {"with hours beside the days each goes by the one before",
       {1, 1, 1, 0, "Europe/Rome"},
       "2026-11-24T09:00:00Z",
       "2026-11-25T10:00:00Z",
       "2026-11-23T08:00:00Z"},
      {"no distance", {1, 0, 0, 0, "UTC"}, "2026-11-24T09:00:00Z", ""},
  };
  for (const Case& one : cases) {
    const std::int64_t before = *parse_rfc3339(one.before);
    const auto first = parse_rfc3339(one.first).value_or(before);
    const auto next = next_repetition_us(one.repetition, before, first);
    EXPECT_EQ(next ? rfc3339_seconds(*next) : "", one.next) << one.what;
  }
}

}  // namespace
}  // namespace sallyport::messaging::test
