#include "config/reading.h"

#include <gtest/gtest.h>

namespace sallyport::config {
namespace {

TEST(ParseDuration, KnowsItsUnits) {
  const struct {
    const char* text;
    std::int64_t ms;  // -1: none
    const char* why;
  } cases[] = {
      {"100ms", 100, "milliseconds"},
      {"30s", 30'000, "seconds"},
      {"2m", 120'000, "minutes"},
      {"48h", 172'800'000, "hours"},
      {"7d", 604'800'000, "days"},
      {"0s", 0, "nothing is a duration"},
      {"", -1, "empty"},
      {"30", -1, "no unit"},
      {"s", -1, "no number"},
      {"-5s", -1, "negative"},
      {"+5s", -1, "a sign"},
      {" 5s", -1, "a blank"},
      {"1.5s", -1, "a fraction"},
      {"5 s", -1, "a blank between"},
      {"2m30s", -1, "two units"},
      {"366d", -1, "over a year"},
      {"99999999999999999999s", -1, "more than a number holds"},
      {"9223372036854775807h", -1, "would overflow"},
  };
  for (const auto& one : cases) {
    const auto value = parse_duration(one.text);
    EXPECT_EQ(value ? value->count() : -1, one.ms) << one.why;
  }
}

TEST(DurationText, UsesTheLargestWholeUnit) {
  EXPECT_EQ(duration_text(milliseconds(100)), "100ms");
  EXPECT_EQ(duration_text(milliseconds(90'000)), "90s");
  EXPECT_EQ(duration_text(milliseconds(120'000)), "2m");
  EXPECT_EQ(duration_text(milliseconds(172'800'000)), "48h");
  EXPECT_EQ(duration_text(milliseconds(0)), "0ms");
}

TEST(WithoutIndices, GivesTheNameOfTheDocumentation) {
  EXPECT_EQ(without_indices("api[0].host[12].public_url"), "api[].host[].public_url");
  EXPECT_EQ(without_indices("limits.head_bytes"), "limits.head_bytes");
}

TEST(Reading, WhatIsMissingIsToldWhereItsTableBegins) {
  Parsed parsed;
  Reading reading(parsed, "x.toml");
  const auto document = read_document("\n[limits]\nhead_bytes = 1\n");
  ASSERT_TRUE(document);
  reading.walk(*document);
  reading.add("limits.head_fields", "absent");
  reading.add("server.workers", "no such table");
  reading.add("limits.head_bytes", "there", true);
  ASSERT_EQ(parsed.problems.size(), 3U);
  EXPECT_EQ(parsed.problems[0].line, 2U);
  EXPECT_EQ(parsed.problems[1].line, 1U);
  EXPECT_EQ(parsed.problems[2].line, 3U);
  EXPECT_TRUE(reading.is_wrong("limits.head_fields"));
  EXPECT_FALSE(reading.is_wrong("limits.head_bytes")) << "a warning is not wrong";
}

}  // namespace
}  // namespace sallyport::config
