#include "config/parse_limits.h"

#include <gtest/gtest.h>

#include "config/parse.h"

namespace sallyport::config {
namespace {

constexpr const char* kHead = R"([[listener]]
kind = "trusted"
[[api]]
name = "a"
)";
constexpr const char* kHost = R"(
[[api.host]]
host = "a.test"
)";

std::string errors(const std::string& text) {
  std::string all;
  for (const Problem& problem : parse(text, "test.toml").problems) {
    if (!problem.warning) all += problem.text + "\n";
  }
  return all;
}

TEST(ParseLimits, ReadsEveryKind) {
  const Parsed parsed = parse(std::string(kHead) + R"(
rate_per_second = 10
burst = 20
rate_windows = ["500/10m", "2000/1h"]
concurrency = 7
limit_fields = true
)" + kHost + R"(
[api.user]
rate_per_second = 1
shadow = true
[api.source]
rate_windows = ["5/2s"]
ipv6_prefix = 56
[api.shadow]
rate_per_second = 3
[api.cost]
rules = ["messages.create 5", "GET,POST /reports/** 10"]
free_methods = ["HEAD"]
field = "X-Cost"
[thresholds]
quota_events = ["50%", "100%"]
pool = 100
)",
                              "test.toml");
  ASSERT_TRUE(parsed.usable()) << parsed.problems.front().to_string();
  const Api& api = parsed.config.apis.at(0);
  EXPECT_EQ(api.total.rate_per_second, 10U);
  EXPECT_EQ(windows_text(api.total), "500/10m 2000/1h");
  EXPECT_EQ(api.total.concurrency, 7U);
  EXPECT_TRUE(api.limit_fields);
  EXPECT_EQ(api.user.limits.rate_per_second, 1U);
  EXPECT_TRUE(api.user.shadow);
  EXPECT_EQ(windows_text(api.source.limits), "5/2s");
  EXPECT_EQ(api.source.ipv6_prefix, 56);
  EXPECT_EQ(api.shadow.rate_per_second, 3U);
  ASSERT_EQ(api.cost.rules.size(), 2U);
  EXPECT_EQ(api.cost.rules[0].operation, "messages.create");
  EXPECT_EQ(api.cost.rules[0].cost, 5U);
  EXPECT_EQ(api.cost.rules[1].methods, (std::vector<std::string>{"GET", "POST"}));
  EXPECT_EQ(api.cost.rules[1].pattern, "/reports/**");
  EXPECT_EQ(api.cost.field, "x-cost");
  EXPECT_EQ(parsed.config.thresholds.quota_events, (std::vector<std::uint8_t>{50, 100}));
  EXPECT_EQ(parsed.config.thresholds.pool, 100U);
}

TEST(ParseLimits, SaysWhatIsWrong) {
  const struct {
    const char *api, *rest, *error;
  } rows[] = {
      {"rate_windows = [\"5/2h\"]", "", "rate_windows must hold at most two windows"},
      {"rate_windows = [\"1/1s\", \"2/2s\", \"3/3s\"]", "", "at most two windows"},
      {"burst = 3", "", "api[].burst needs api[].rate_per_second"},
      {"", "[api.user]\nrate_per_second = 5\nburst = 3", "api[].user.burst is 3, below"},
      {"", "[api.cost]\nrules = [\"messages.create\"]", "neither \"OPERATION COST\" nor"},
      {"", "[api.cost]\nrules = [\"messages.create 9999999\"]", "neither \"OPERATION COST\" nor"},
      {"", "[api.cost]\nfree_methods = [\"GET\"]", "may hold HEAD and OPTIONS"},
      {"", "[api.cost]\nfield = \"a b\"", "is no name of a header field"},
      {"", "[thresholds]\nquota_events = [\"90%\", \"80%\"]", "ascending percentages"},
      {"", "[thresholds]\nquota_events = [\"90\"]", "ascending percentages"},
  };
  for (const auto& row : rows) {
    const std::string found = errors(std::string(kHead) + row.api + kHost + row.rest);
    EXPECT_NE(found.find(row.error), std::string::npos) << row.api << row.rest << "\n" << found;
  }
}

}  // namespace
}  // namespace sallyport::config
