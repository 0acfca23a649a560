#include "admin/verbs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sallyport::admin {
namespace {

TEST(Verbs, TheTableIsWhole) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const ActionInfo& action : actions()) {
    const std::string name = std::string(action.verb) + " " + std::string(action.action);
    EXPECT_TRUE(seen.insert({action.verb, action.action}).second) << name << " twice";
    EXPECT_TRUE(std::ranges::count(entity_verbs(), action.verb, &VerbInfo::name)) << name;
    EXPECT_TRUE(action.help.ends_with('.')) << name;
    EXPECT_NE(action.run, nullptr) << name;
    for (const OptionInfo& option : action.options) {
      EXPECT_TRUE(option.help.ends_with('.')) << name << " --" << option.name;
      EXPECT_FALSE(option.required && option.value.empty()) << name << ": a required flag";
    }
    EXPECT_EQ(find_action(action.verb, action.action), &action);
  }
  for (const VerbInfo& verb : entity_verbs()) {
    EXPECT_TRUE(std::ranges::count(actions(), verb.name, &ActionInfo::verb)) << verb.name;
  }
}

TEST(Verbs, NoReservedVerbIsBuilt) {
  for (const std::string_view verb : reserved_verbs()) {
    EXPECT_EQ(std::ranges::count(actions(), verb, &ActionInfo::verb), 0) << verb;
  }
}

TEST(Verbs, NoOptionTakesASecret) {
  for (const ActionInfo& action : actions()) {
    for (const OptionInfo& option : action.options) {
      EXPECT_NE(option.name, "password") << action.verb;
      EXPECT_FALSE(option.name == "secret" || option.name == "token") << action.verb;
    }
  }
}

}  // namespace
}  // namespace sallyport::admin
