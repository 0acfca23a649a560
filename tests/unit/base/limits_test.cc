#include "base/limits.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Limits, WindowsAreReadAsTheyAreWritten) {
  const struct {
    const char* text;
    std::uint32_t count, seconds;
    const char* canonical;
  } good[] = {{"500/10m", 500, 600, "500/10m"}, {"1/1s", 1, 1, "1/1s"},
              {"0/1h", 0, 3'600, "0/1h"},       {"7/90s", 7, 90, "7/90s"},
              {"7/120s", 7, 120, "7/2m"},       {"7/60m", 7, 3'600, "7/1h"}};
  for (const auto& row : good) {
    const auto window = parse_window_limit(row.text);
    ASSERT_TRUE(window) << row.text;
    EXPECT_EQ(window->count, row.count);
    EXPECT_EQ(window->seconds, row.seconds);
    EXPECT_EQ(to_string(*window), row.canonical);
  }
  for (const char* bad : {"", "5", "5/", "/5s", "5/0s", "5/2h", "5/3601s", "5/61m", "5/s", "5/5",
                          "5/5d", "-1/5s", "5/5s ", "1.5/5s", "100000001/5s", "5/99999999999s"}) {
    EXPECT_FALSE(parse_window_limit(bad)) << bad;
  }
}

TEST(Limits, SeveralWindows) {
  Limits limits;
  EXPECT_TRUE(limits.empty());
  EXPECT_TRUE(read_windows("5/2s 100/1h", limits));
  EXPECT_TRUE(limits.has_rate());
  EXPECT_EQ(windows_text(limits), "5/2s 100/1h");
  EXPECT_FALSE(read_windows("1/1s 2/2s 3/3s", limits)) << "there is room for two";
  EXPECT_FALSE(read_windows("1/1s junk", limits));
  EXPECT_TRUE(read_windows("", limits));
  EXPECT_TRUE(limits.empty());
}

TEST(Limits, PeriodsHaveNames) {
  for (const char* name : {"minute", "hour", "day", "month"}) {
    EXPECT_EQ(to_string(*parse_quota_period(name)), name);
  }
  EXPECT_FALSE(parse_quota_period("year"));
}

}  // namespace
}  // namespace sallyport
