#include "limit/log_audit.h"

#include <gtest/gtest.h>

#include <sstream>

namespace sallyport::limit {
namespace {

std::string line(std::int64_t decided_us, const std::string& reason, const std::string& limit = "",
                 const std::string& key = "000000000001") {
  return "{\"time\":\"2026-11-24T12:00:00.000001Z\",\"decided_us\":" + std::to_string(decided_us) +
         ",\"account\":\"A1\",\"subscription\":\"5B\",\"key_id\":\"" + key +
         "\",\"api\":\"messaging\",\"path\":\"/x?\",\"reason\":\"" + reason + "\"" +
         (limit.empty() ? "" : ",\"limit\":\"" + limit + "\"") + ",\"status\":200}\n";
}

AuditReport audit(const std::string& log, const std::string& limits) {
  std::istringstream stream(log);
  return audit_log(stream, {*parse_audited(limits)});
}

TEST(LogAudit, SortsByTheDecisionAndCounts) {
  // As several workers write: not in the order of the decisions.
  const std::string log = line(2'000'000, "ok") + line(1'000'000, "ok") +
                          line(1'000'500, "over_rate", "subscription") + line(0, "user_missing") +
                          "half a li\n";
  const AuditReport report = audit(log, "subscription 5B rate=1");
  EXPECT_EQ(report.lines, 5U);
  EXPECT_EQ(report.decided, 3U);
  EXPECT_EQ(report.unreadable, 1U);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].admitted, 2U);
  EXPECT_EQ(report.findings[0].refused, 1U);
  EXPECT_EQ(report.over(), 1U) << "exactly one second apart is within one second";
  EXPECT_EQ(report.wrongly_refused(), 0U);
}

TEST(LogAudit, FindsAWrongRefusalOfEachHolder) {
  for (const char* holder :
       {"api messaging", "account A1", "subscription 5B", "key 000000000001"}) {
    const std::string text(holder);
    const std::string name = text.substr(0, text.find(' '));
    const std::string log = line(1'000'000,
                                 name == "account" ? "account_over_rate"
                                 : name == "api"   ? "service_over_rate"
                                                   : "over_rate",
                                 name);
    EXPECT_EQ(audit(log, text + " rate=2").wrongly_refused(), 1U) << holder;
    EXPECT_EQ(audit(line(1'000'000, "over_concurrency", name), text + " rate=2").wrongly_refused(),
              0U)
        << "that was another limit";
  }
}

TEST(LogAudit, ChecksQuotas) {
  const std::string log = line(1'000'000, "ok") + line(1'000'100, "engine_refused") +
                          line(1'000'200, "over_quota", "subscription");
  EXPECT_EQ(audit(log, "subscription 5B quota=2 period=day").over(), 0U);
  EXPECT_EQ(audit(log, "subscription 5B quota=1 period=day").over(), 1U);
}

TEST(LogAudit, LimitsAsLines) {
  AuditedLimits one;
  one.name = "5B";
  one.limits.rate_per_second = 10;
  one.limits.burst = 20;
  one.limits.windows[0] = {500, 600};
  one.limits.quota = 100;
  one.limits.quota_period = QuotaPeriod::Month;
  one.limits.quota_anchor = 15;
  one.limits.quota_zone = *find_zone("Europe/Rome");
  const auto read = parse_audited(to_line(one));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->limits, one.limits);
  EXPECT_EQ(read->name, "5B");
  EXPECT_FALSE(parse_audited("nobody 5B rate=1"));
  EXPECT_FALSE(parse_audited("key 5B window=9"));
}

}  // namespace
}  // namespace sallyport::limit
