#include "access/rule.h"

#include <gtest/gtest.h>

namespace sallyport::access {
namespace {

using http::Method;

const Catalog kCatalog({"messaging", "other"}, {"messages.list", "messages.create"});
constexpr std::string_view kMessages[] = {"messages"};
constexpr std::string_view kOne[] = {"messages", "1"};

Question ask(std::size_t api, std::size_t operation, Method method,
             std::span<const std::string_view> segments = kMessages) {
  return {api, operation, method, segments};
}
bool matches(const Match& match, const Question& question) {
  const auto rule = Rule::compile(match, kCatalog);
  EXPECT_TRUE(rule.has_value());
  RuleSet set;
  set.add(*rule, kCatalog);
  set.finish();
  EXPECT_EQ(set.contains(question), rule->matches(question)) << "a set answers as its rules do";
  return rule && rule->matches(question);
}

TEST(Rule, ByOperation) {
  EXPECT_TRUE(matches({"messaging", "messages.list", {}, ""}, ask(0, 0, Method::Get)));
  EXPECT_FALSE(matches({"messaging", "messages.list", {}, ""}, ask(0, 1, Method::Post)));
  EXPECT_FALSE(matches({"messaging", "messages.list", {}, ""}, ask(1, 0, Method::Get)));
  EXPECT_TRUE(matches({"*", "messages.list", {}, ""}, ask(1, 0, Method::Get)));
  EXPECT_TRUE(matches({"messaging", "*", {}, ""}, ask(0, 1, Method::Post)));
  EXPECT_TRUE(matches({"*", "*", {}, ""}, ask(0, Catalog::kNone, Method::Get)))
      << "every operation, also of a route that names none";
  EXPECT_FALSE(matches({"*", "messages.list", {}, ""}, ask(0, Catalog::kNone, Method::Get)));
}

TEST(Rule, ByMethodsAndPattern) {
  const Match get{"messaging", "", {"GET"}, "/messages/**"};
  EXPECT_TRUE(matches(get, ask(0, 0, Method::Get)));
  EXPECT_TRUE(matches(get, ask(0, 0, Method::Head))) << "GET implies HEAD";
  EXPECT_TRUE(matches(get, ask(0, 0, Method::Get, kOne)));
  EXPECT_FALSE(matches(get, ask(0, 1, Method::Post)));
  const Match head{"messaging", "", {"HEAD"}, "/messages"};
  EXPECT_FALSE(matches(head, ask(0, 0, Method::Get))) << "but HEAD does not imply GET";
  EXPECT_TRUE(matches(head, ask(0, 0, Method::Head)));
  EXPECT_TRUE(matches({"*", "", {"*"}, "/**"}, ask(1, 1, Method::Delete)));
}

TEST(Rule, WhatCannotBeCompiled) {
  const Match rows[] = {
      {"unknown", "*", {}, ""},         {"messaging", "messages.unknown", {}, ""},
      {"messaging", "", {}, ""},        {"messaging", "*", {"GET"}, "/x"},
      {"messaging", "", {"GET"}, ""},   {"messaging", "", {}, "/x"},
      {"messaging", "", {"get"}, "/x"}, {"messaging", "", {"GET"}, "x"},
      {"messaging", "*", {}, "/x"},
  };
  for (const Match& match : rows) {
    EXPECT_FALSE(Rule::compile(match, kCatalog).has_value()) << to_string(match);
  }
}

TEST(RuleSet, AThousandRulesAnswerLikeOne) {
  RuleSet set;
  EXPECT_FALSE(set.contains(ask(0, 0, Method::Get))) << "an empty set holds nothing";
  for (int i = 0; i < 1000; ++i) {
    set.add(*Rule::compile({"messaging", "messages.create", {}, ""}, kCatalog), kCatalog);
  }
  set.finish();
  EXPECT_TRUE(set.contains(ask(0, 1, Method::Post)));
  EXPECT_FALSE(set.contains(ask(0, 0, Method::Get)));
  EXPECT_FALSE(set.contains(ask(1, 1, Method::Post)));
}

TEST(RuleSet, TheStepsAreTheSameWithTenRulesOrAThousand) {
  const auto steps_with = [](int rules) {
    RuleSet set;
    for (int i = 0; i < rules; ++i) {
      const std::string path = "/thing" + std::to_string(i) + "/{id}";
      set.add(*Rule::compile({"messaging", "", {"GET"}, path}, kCatalog), kCatalog);
      set.add(*Rule::compile({"messaging", "messages.create", {}, ""}, kCatalog), kCatalog);
    }
    set.finish();
    std::size_t steps = 0;
    const std::string_view path[] = {"thing7", "1"};
    const std::string_view elsewhere[] = {"thing7", "1", "2"};
    EXPECT_TRUE(set.contains({0, Catalog::kNone, Method::Get, path}, &steps));
    EXPECT_FALSE(set.contains({0, Catalog::kNone, Method::Get, elsewhere}, &steps));
    EXPECT_FALSE(set.contains({1, Catalog::kNone, Method::Get, path}, &steps));
    return steps;
  };
  EXPECT_EQ(steps_with(10), steps_with(1'000));
}

TEST(Rule, IsWrittenForPeople) {
  EXPECT_EQ(to_string({"messaging", "messages.list", {}, ""}), "messaging:messages.list");
  EXPECT_EQ(to_string({"*", "", {"GET", "POST"}, "/x/**"}), "*:GET,POST /x/**");
}

}  // namespace
}  // namespace sallyport::access
