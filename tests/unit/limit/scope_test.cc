#include "limit/scope.h"

#include <gtest/gtest.h>

namespace sallyport::limit {
namespace {

std::string scope_of(const Match& match) {
  std::string out;
  append_scope(out, match);
  return out;
}

TEST(Scope, NamesAnOpening) {
  EXPECT_EQ(scope_of({"messaging", "messages.create", {}, ""}), "messaging/messages.create");
  EXPECT_EQ(scope_of({"*", "*", {}, ""}), "*/*");
  EXPECT_EQ(scope_of({"messaging", "", {"GET", "POST"}, "/x/**"}), "messaging/GET,POST /x/**");
}

TEST(Scope, AppendsToWhatIsThere) {
  std::string out = "before ";
  append_scope(out, {"a", "b", {}, ""});
  EXPECT_EQ(out, "before a/b");
}

TEST(Scope, HashesTellThemApart) {
  EXPECT_EQ(scope_hash(""), 0U);
  EXPECT_NE(scope_hash("a/b"), 0U);
  EXPECT_NE(scope_hash("a/b"), scope_hash("a/c"));
}

TEST(Resolved, EachKindByItself) {
  Limits plan;
  plan.rate_per_second = 10;
  plan.burst = 20;
  plan.quota = 100;
  plan.quota_period = QuotaPeriod::Month;
  plan.quota_anchor = 15;
  EXPECT_EQ(resolved(plan, nullptr), plan);
  Limits overrides;
  overrides.rate_per_second = 5;
  Limits both = resolved(plan, &overrides);
  EXPECT_EQ(both.rate_per_second, 5U);
  EXPECT_EQ(both.burst, std::nullopt) << "a burst belongs to its rate";
  EXPECT_EQ(both.quota, 100U);
  EXPECT_EQ(both.quota_anchor, 15);
  overrides = {};
  overrides.quota_zone = kUtc;
  EXPECT_EQ(resolved(plan, &overrides).quota_period, QuotaPeriod::Month);
  overrides.quota = 7;
  EXPECT_EQ(resolved(plan, &overrides).quota_period, QuotaPeriod::Day);
}

TEST(Resolved, AnOpeningsOwnIsTakenOut) {
  Limits limits;
  limits.rate_per_second = 10;
  limits.quota = 5;
  Limits own;
  own.quota = 1;
  take_out(limits, own);
  EXPECT_EQ(limits.quota, std::nullopt);
  EXPECT_EQ(limits.rate_per_second, 10U);
}

}  // namespace
}  // namespace sallyport::limit
