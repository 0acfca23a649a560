#include "access/policy.h"

#include <gtest/gtest.h>

namespace sallyport::access {
namespace {

using http::Method;

constexpr AccountId kAccount{1};
constexpr WorkspaceId kDefault{10};
constexpr WorkspaceId kOther{11};
constexpr std::string_view kMessages[] = {"messages"};

class PolicyTest : public testing::Test {
 protected:
  Role role(std::uint64_t id, std::vector<Permission> permissions, AccountId account = {}) {
    Role made;
    made.id = RoleId{id};
    made.account = account;
    made.name = "role" + std::to_string(id);
    made.permissions = std::move(permissions);
    policy_.apply({{made}, {}, {}, {}});
    return made;
  }
  bool allowed(std::vector<RoleAssignment> roles, WorkspaceId workspace = kDefault,
               std::size_t operation = 0) {
    return policy_.decide(kAccount, roles, workspace, {0, operation, Method::Get, kMessages})
        .allowed;
  }
  ImmediateReclaimer reclaimer_;
  Policy policy_{Catalog({"messaging"}, {"messages.list", "messages.create"}), reclaimer_};
};

const Permission kAll{{"*", "*", {}, ""}, true};
const Permission kList{{"messaging", "messages.list", {}, ""}, true};
const Permission kNoList{{"messaging", "messages.list", {}, ""}, false};

TEST_F(PolicyTest, DeniesByDefault) {
  EXPECT_FALSE(allowed({})) << "no role";
  role(1, {});
  EXPECT_FALSE(allowed({{RoleId{1}, {}}})) << "an empty role";
  EXPECT_FALSE(allowed({{RoleId{9}, {}}})) << "a role that is not there";
}

TEST_F(PolicyTest, ADenialWinsWhateverTheOrder) {
  role(1, {kAll});
  role(2, {kNoList});
  EXPECT_TRUE(allowed({{RoleId{1}, {}}}));
  EXPECT_FALSE(allowed({{RoleId{1}, {}}, {RoleId{2}, {}}}));
  EXPECT_FALSE(allowed({{RoleId{2}, {}}, {RoleId{1}, {}}}));
  EXPECT_TRUE(allowed({{RoleId{1}, {}}, {RoleId{2}, {}}}, kDefault, 1)) << "only what it denies";
  role(3, {kAll, kNoList});
  EXPECT_FALSE(allowed({{RoleId{3}, {}}})) << "within one role too";
}

TEST_F(PolicyTest, ARoleForOneWorkspaceOpensNoOther) {
  role(1, {kAll});
  EXPECT_TRUE(allowed({{RoleId{1}, {}}}, kOther)) << "account-wide covers all";
  EXPECT_TRUE(allowed({{RoleId{1}, kOther}}, kOther));
  EXPECT_FALSE(allowed({{RoleId{1}, kOther}}, kDefault)) << "least of all the default one";
  EXPECT_FALSE(allowed({{RoleId{1}, kOther}}, {})) << "nor what is in no workspace";
  EXPECT_TRUE(allowed({{RoleId{1}, kDefault}}, kDefault)) << "unless it is for that one";
}

TEST_F(PolicyTest, ARoleOfAnotherAccountIsNoRole) {
  role(1, {kAll}, AccountId{2});
  EXPECT_FALSE(allowed({{RoleId{1}, {}}}));
  role(2, {kAll}, kAccount);
  EXPECT_TRUE(allowed({{RoleId{2}, {}}}));
}

TEST_F(PolicyTest, AChangeIsInForce) {
  role(1, {kList});
  EXPECT_TRUE(allowed({{RoleId{1}, {}}}));
  const Role made = role(1, {});
  EXPECT_FALSE(allowed({{RoleId{1}, {}}}));
  role(1, {kAll});
  policy_.apply({{}, {made}, {}, {}});
  EXPECT_FALSE(allowed({{RoleId{1}, {}}}));
}

TEST_F(PolicyTest, NewNamesMakeBrokenRulesGoodAndLeaveTheOthersAlone) {
  role(1, {kAll});
  role(2, {{{"later", "later.run", {}, ""}, true}});
  const std::vector<RoleAssignment> second{{RoleId{2}, {}}};
  EXPECT_FALSE(policy_.decide(kAccount, second, kDefault, {0, 0, Method::Get, kMessages}).allowed);
  policy_.extend(
      Catalog({"messaging", "later"}, {"messages.list", "messages.create", "later.run"}));
  EXPECT_TRUE(allowed({{RoleId{1}, {}}}));
  EXPECT_TRUE(policy_.decide(kAccount, second, kDefault, {1, 2, Method::Get, kMessages}).allowed);
  EXPECT_FALSE(policy_.decide(kAccount, second, kDefault, {0, 2, Method::Get, kMessages}).allowed);
  const std::vector<RoleAssignment> first{{RoleId{1}, {}}};
  EXPECT_TRUE(policy_.decide(kAccount, first, kDefault, {1, 2, Method::Get, kMessages}).allowed)
      << "every API is also every new one";
}

TEST_F(PolicyTest, ABrokenRuleCanOnlyReduceAccess) {
  role(1, {{{"messaging", "no.such", {}, ""}, true}});
  EXPECT_FALSE(allowed({{RoleId{1}, {}}}));
  role(2, {kAll, {{"messaging", "no.such", {}, ""}, false}});
  EXPECT_FALSE(allowed({{RoleId{2}, {}}})) << "a denial that cannot be read denies everything";
}

TEST_F(PolicyTest, ACandidateIsAskedBesideAndDecidesNothing) {
  Role made = role(1, {kList});
  const Question list{0, 0, Method::Get, kMessages};
  const std::vector<RoleAssignment> roles = {{RoleId{1}, {}}};
  EXPECT_FALSE(policy_.decide(kAccount, roles, kDefault, list).shadowed);
  EXPECT_FALSE(policy_.decide_shadow(kAccount, roles, kDefault, list, 0)) << "there is none";

  made.shadow = {kAll, kNoList};
  made.shadow_until_us = 1'000;
  policy_.apply({{made}, {}, {}, {}});
  const Decision decision = policy_.decide(kAccount, roles, kDefault, list);
  EXPECT_TRUE(decision.allowed) << "the enforced role decides";
  EXPECT_TRUE(decision.shadowed);
  auto candidate = policy_.decide_shadow(kAccount, roles, kDefault, list, 999);
  ASSERT_TRUE(candidate);
  EXPECT_FALSE(candidate->allowed);
  EXPECT_EQ(candidate->role, RoleId{1});
  EXPECT_EQ(policy_.shadow_reason_for(*candidate, list),
            "role role1 denies messaging:messages.list");
  candidate =
      policy_.decide_shadow(kAccount, roles, kDefault, {0, 1, Method::Post, kMessages}, 999);
  ASSERT_TRUE(candidate);
  EXPECT_TRUE(candidate->allowed) << "what it would open";
  EXPECT_FALSE(allowed(roles, kDefault, 1)) << "is closed all the same";
  EXPECT_FALSE(policy_.decide_shadow(kAccount, roles, kDefault, list, 1'000)) << "it has expired";
  EXPECT_FALSE(policy_.decide_shadow(kAccount, {}, kDefault, list, 0)) << "nobody has the role";

  // Roles that have no candidate take part as they are.
  role(2, {kNoList});
  const std::vector<RoleAssignment> both = {{RoleId{1}, {}}, {RoleId{2}, {}}};
  made.shadow = {kAll};
  policy_.apply({{made}, {}, {}, {}});
  candidate = policy_.decide_shadow(kAccount, both, kDefault, list, 0);
  ASSERT_TRUE(candidate);
  EXPECT_FALSE(candidate->allowed);
}

TEST_F(PolicyTest, NamesTheRuleThatDecided) {
  role(1, {kList});
  const Question question{0, 0, Method::Get, kMessages};
  const std::vector<RoleAssignment> roles = {{RoleId{1}, {}}};
  Decision decision = policy_.decide(kAccount, roles, kDefault, question);
  EXPECT_EQ(policy_.reason_for(decision, question), "role role1 permits messaging:messages.list");
  role(1, {kList, kNoList});
  decision = policy_.decide(kAccount, roles, kDefault, question);
  EXPECT_EQ(policy_.reason_for(decision, question), "role role1 denies messaging:messages.list");
  decision = policy_.decide(kAccount, {}, kDefault, question);
  EXPECT_EQ(policy_.reason_for(decision, question), "no role of the user permits it");
}

TEST_F(PolicyTest, PlansOpenWhatTheySay) {
  Plan plan;
  plan.id = PlanId{1};
  plan.name = "Gold";
  const Question list{0, 0, Method::Get, kMessages};
  const Question create{0, 1, Method::Post, kMessages};
  EXPECT_FALSE(policy_.opening(plan.id, list).open) << "no such plan";
  policy_.apply({{plan}, {}, {}, {}});
  EXPECT_FALSE(policy_.opening(plan.id, list).open) << "opens nothing";
  plan.opens = {{{"messaging", "messages.list", {}, ""}, {}},
                {{"messaging", "", {"POST"}, "/messages"}, {5, {}, {}, QuotaPeriod::Day}}};
  policy_.apply({{plan}, {}, {}, {}});
  EXPECT_TRUE(policy_.opening(plan.id, list).open);
  EXPECT_EQ(policy_.opening(plan.id, list).own, nullptr);
  ASSERT_NE(policy_.opening(plan.id, create).own, nullptr);
  EXPECT_EQ(policy_.opening(plan.id, create).own->own.rate_per_second, 5U);
  EXPECT_EQ(policy_.reason_for(plan.id, list), "plan Gold opens messaging:messages.list");
  policy_.apply({{}, {plan}, {}, {}});
  EXPECT_FALSE(policy_.opening(plan.id, list).open);
}

}  // namespace
}  // namespace sallyport::access
