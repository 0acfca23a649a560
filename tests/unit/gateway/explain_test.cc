#include "gateway/explain.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class ExplainTest : public DoorsFixture {
 protected:
  std::vector<ExplainedStep> ask(std::string target = "/messages", bool with_user = true) {
    ExplainQuestion question;
    question.host = "api.test";
    question.target = std::move(target);
    question.key_text = key_;
    if (with_user) question.user = "John.Smith";
    return explain(*router_, doors_, question);
  }
  static const ExplainedStep& step(const std::vector<ExplainedStep>& steps,
                                   std::string_view filter) {
    for (const ExplainedStep& one : steps) {
      if (one.filter == filter) return one;
    }
    ADD_FAILURE() << "no step " << filter;
    return steps.front();
  }
};

TEST_F(ExplainTest, TellsEachFiltersAnswer) {
  const auto steps = ask();
  EXPECT_TRUE(admitted(steps));
  ASSERT_EQ(steps.size(), 7U);
  EXPECT_NE(step(steps, "route").rule.find("messages.list"), std::string::npos);
  EXPECT_NE(step(steps, "application").rule.find("plan Gold opens"), std::string::npos);
  EXPECT_NE(step(steps, "permission").rule.find("role full permits"), std::string::npos);
}

TEST_F(ExplainTest, GoesOnPastARefusal) {
  key_ = add_key(Status::Disabled);
  const auto steps = ask();
  EXPECT_FALSE(admitted(steps));
  EXPECT_EQ(step(steps, "application").reason, Reason::KeyDisabled);
  EXPECT_EQ(step(steps, "user").result, ExplainedStep::Result::Pass);
  EXPECT_EQ(step(steps, "permission").result, ExplainedStep::Result::Pass);
}

TEST_F(ExplainTest, WhatCannotBeAnsweredIsUnknown) {
  key_ = "0123456789abcdef";
  const auto steps = ask();
  EXPECT_EQ(step(steps, "application").reason, Reason::KeyUnknown);
  EXPECT_EQ(step(steps, "thresholds").result, ExplainedStep::Result::Unknown);
  EXPECT_EQ(step(steps, "user").result, ExplainedStep::Result::Unknown);
}

TEST_F(ExplainTest, UsersByNameOrIdOrNone) {
  EXPECT_EQ(step(ask("/messages", false), "user").reason, Reason::UserMissing);
  ExplainQuestion question;
  question.host = "api.test";
  question.target = "/messages";
  question.key_text = key_;
  question.user = directory_.find_user(kAccount, "john.smith")->id().hex();
  EXPECT_TRUE(admitted(explain(*router_, doors_, question)));
  question.user = "nobody";
  EXPECT_EQ(step(explain(*router_, doors_, question), "user").reason, Reason::UserUnknown);
}

TEST_F(ExplainTest, KeysById) {
  ExplainQuestion question;
  question.host = "api.test";
  question.target = "/messages";
  question.key_id = directory_.find_key(sha256(key_))->id;
  question.user = "john.smith";
  EXPECT_TRUE(admitted(explain(*router_, doors_, question)));
  question.key_id = KeyId{1};
  EXPECT_EQ(step(explain(*router_, doors_, question), "application").reason, Reason::KeyUnknown);
}

TEST_F(ExplainTest, RoutesAndTargets) {
  EXPECT_EQ(step(ask("/nothing"), "route").reason, Reason::NoRoute);
  EXPECT_EQ(step(ask("/../x"), "route").reason, Reason::NotCanonical);
}

TEST_F(ExplainTest, TouchesNoCounterAndHashesNothing) {
  set_limits({5, {}, 2, QuotaPeriod::Day});
  const std::uint64_t hashed = verifier_.hashed();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(admitted(ask()));
  EXPECT_EQ(used(), 0U);
  EXPECT_EQ(verifier_.hashed(), hashed);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(reason(good()), Reason::Ok);
  const auto steps = ask();
  EXPECT_EQ(step(steps, "thresholds").reason, Reason::OverQuota);
  EXPECT_NE(step(steps, "thresholds").rule.find("2 used of 2 per day"), std::string::npos)
      << step(steps, "thresholds").rule;
}

TEST_F(ExplainTest, SaysNoSecret) {
  for (const ExplainedStep& one : ask("/messages?apikey=" + key_)) {
    EXPECT_EQ(one.rule.find(key_.substr(21)), std::string::npos) << one.filter;
  }
}

TEST_F(ExplainTest, AUserUnderAGrant) {
  add_user("bob", Status::Active, {{kFullRole, {}}}, kOtherAccount);
  ExplainQuestion question;
  question.host = "api.test";
  question.method = http::Method::Post;
  question.target = "/messages";
  question.key_id = directory_.find_key(sha256(key_))->id;
  question.user = "bob";
  EXPECT_EQ(step(explain(*router_, doors_, question), "user").reason, Reason::UserUnknown);
  Grant grant;
  grant.id = GrantId{0x77};
  grant.application = kApplication;
  grant.account = kOtherAccount;
  grant.role_ceiling = {kReaderRole};
  put(grant);
  const auto steps = explain(*router_, doors_, question);
  EXPECT_NE(step(steps, "user").rule.find("by grant 0000000000000077"), std::string::npos);
  EXPECT_EQ(step(steps, "permission").reason, Reason::NoPermission);
  EXPECT_NE(step(steps, "permission").rule.find("of the grant's ceiling, no role"),
            std::string::npos)
      << step(steps, "permission").rule;
  question.user = directory_.find_user(kOtherAccount, "bob")->id().hex();
  EXPECT_EQ(step(explain(*router_, doors_, question), "user").result, ExplainedStep::Result::Pass)
      << "by id";
  question.method = http::Method::Get;
  question.target = "/whoami";
  EXPECT_TRUE(admitted(explain(*router_, doors_, question)));
}

}  // namespace
}  // namespace sallyport::gateway
