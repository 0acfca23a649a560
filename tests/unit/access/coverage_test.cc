#include "access/coverage.h"

#include <gtest/gtest.h>

namespace sallyport::access {
namespace {

std::vector<RouteShape> routes() {
  const auto shape = [](const char* method, const char* pattern, const char* operation) {
    return RouteShape{"messaging", method, *Pattern::parse(pattern), operation};
  };
  return {shape("GET", "/messages", "messages.list"), shape("POST", "/messages", "messages.create"),
          shape("GET", "/messages/{id}", "messages.show"),
          shape("GET", "/workspaces/{w}/messages", "messages.list"),
          shape("POST", "/workspaces/{w}/messages", "messages.create")};
}

// "messaging:messages.list" or "messaging GET,POST /x/**".
Match match(const std::string& text) {
  Match made;
  const std::size_t blank = text.find(' ');
  if (blank == std::string::npos) {
    made.api = text.substr(0, text.find(':'));
    made.operation = text.substr(text.find(':') + 1);
    return made;
  }
  made.api = text.substr(0, blank);
  const std::size_t second = text.find(' ', blank + 1);
  std::string methods = text.substr(blank + 1, second - blank - 1);
  for (std::size_t comma = 0; (comma = methods.find(',')) != std::string::npos;) {
    made.methods.push_back(methods.substr(0, comma));
    methods.erase(0, comma + 1);
  }
  made.methods.push_back(methods);
  made.pattern = text.substr(second + 1);
  return made;
}

std::vector<Permission> allow(std::initializer_list<const char*> texts) {
  std::vector<Permission> made;
  for (const char* text : texts) made.push_back({match(text), true});
  return made;
}

std::vector<Permission> with_deny(std::vector<Permission> permissions, const char* text) {
  permissions.push_back({match(text), false});
  return permissions;
}

TEST(Coverage, OneRuleHoldsAnother) {
  const struct {
    const char *outer, *inner;
    bool covers;
    const char* why;
  } rows[] = {
      {"*:*", "messaging:messages.list", true, "everything holds all"},
      {"messaging:*", "*:messages.list", false, "one API is not every API"},
      {"messaging:messages.list", "messaging:messages.list", true, "itself"},
      {"messaging:messages.list", "messaging:messages.show", false, "another operation"},
      {"messaging:messages.list", "messaging:*", false, "one operation is not all"},
      {"messaging:*", "messaging GET /x/**", true, "every operation holds every path"},
      {"messaging:messages.list", "messaging GET /messages", false, "not shown, so not held"},
      {"messaging GET /x/**", "messaging GET /x/{a}", true, "a path within"},
      {"messaging GET /x/**", "messaging GET /x", true, "/x/** includes /x"},
      {"messaging GET /x/{a}", "messaging GET /x/**", false, "a rest is more than a segment"},
      {"messaging GET /x/{a}", "messaging GET /x/1", true, "a literal is a segment"},
      {"messaging GET /x/1", "messaging GET /x/{a}", false, "but not the other way round"},
      {"messaging GET /x", "messaging HEAD /x", true, "GET implies HEAD"},
      {"messaging HEAD /x", "messaging GET /x", false, "HEAD does not imply GET"},
      {"messaging GET,POST /x", "messaging GET /x", true, "fewer methods"},
      {"messaging GET /x", "messaging * /x", false, "every method is more than one"},
      {"messaging * /**", "messaging:*", true, "every path holds every operation"},
      {"messaging GET /**", "messaging:*", false, "unless a method is missing"},
      {"messaging GET /**", "messaging:messages.list", true, "all routes of it lie within"},
      {"messaging GET /messages", "messaging:messages.list", false, "one of its routes does not"},
      {"messaging GET /**", "messaging:messages.create", false, "its method is another"},
      {"messaging * /**", "messaging:no.such", false, "nothing is known of it"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(covers(match(row.outer), match(row.inner), routes()), row.covers)
        << row.outer << " | " << row.inner << ": " << row.why;
  }
}

TEST(Coverage, NobodyGivesMoreThanTheyHave) {
  const auto shapes = routes();
  const auto own = allow({"messaging:messages.list", "messaging:messages.show"});
  EXPECT_FALSE(beyond(allow({"messaging:messages.list"}), own, shapes));
  EXPECT_EQ(beyond(allow({"messaging:messages.list", "messaging:messages.create"}), own, shapes),
            "messaging:messages.create");
  EXPECT_EQ(beyond(allow({"messaging:*"}), own, shapes), "messaging:*");
  EXPECT_FALSE(beyond({}, own, shapes)) << "nothing is never too much";
  EXPECT_TRUE(beyond(allow({"messaging:messages.list"}), {}, shapes)) << "whoever has nothing";
  // Two of one's own rules may share what one asks for.
  EXPECT_FALSE(beyond(allow({"messaging GET,POST /x"}),
                      allow({"messaging GET /x", "messaging POST /x/**"}), shapes));
  EXPECT_EQ(beyond(allow({"messaging GET,PUT /x"}),
                   allow({"messaging GET /x", "messaging POST /x/**"}), shapes),
            "messaging:PUT /x");
}

TEST(Coverage, WhatIsDeniedToTheGiverStaysDenied) {
  const auto shapes = routes();
  const auto own = with_deny(allow({"messaging:*"}), "messaging:messages.create");
  EXPECT_EQ(beyond(allow({"messaging:*"}), own, shapes),
            "messaging:* without denying messaging:messages.create");
  EXPECT_FALSE(beyond(with_deny(allow({"messaging:*"}), "messaging:messages.create"), own, shapes));
  EXPECT_FALSE(beyond(allow({"messaging:messages.list"}), own, shapes)) << "they do not meet";
  EXPECT_TRUE(beyond(allow({"messaging:messages.create"}), own, shapes));
  const auto paths = with_deny(allow({"messaging * /**"}), "messaging * /workspaces/{w}/messages");
  EXPECT_TRUE(beyond(allow({"messaging GET /workspaces/**"}), paths, shapes));
  EXPECT_FALSE(beyond(allow({"messaging GET /messages"}), paths, shapes));
  EXPECT_TRUE(beyond(allow({"messaging:messages.list"}), paths, shapes))
      << "one of its routes is denied by its path";
}

TEST(Coverage, ARuleWithoutEffectIsNamed) {
  const auto shapes = routes();
  EXPECT_FALSE(
      without_effect(allow({"messaging:messages.list", "messaging GET /messages/{id}"}), shapes));
  EXPECT_EQ(without_effect(allow({"messaging:messages.list", "messaging:messages.list"}), shapes),
            "messaging:messages.list is allowed twice");
  EXPECT_EQ(without_effect(with_deny(allow({"messaging:messages.list"}), "messaging:*"), shapes),
            "messaging:messages.list is allowed in vain: messaging:* is denied, and a denial wins");
  for (const char* text : {"messaging GET /nowhere", "messaging DELETE /messages",
                           "messaging GET /messages/{id}/{more}"}) {
    const auto why = without_effect(allow({text}), shapes);
    ASSERT_TRUE(why) << text;
    EXPECT_NE(why->find("can never match"), std::string::npos) << *why;
  }
  EXPECT_FALSE(without_effect(allow({"messaging HEAD /messages"}), shapes)) << "GET takes HEAD";
  EXPECT_FALSE(without_effect(allow({"forwarded GET /x"}), shapes)) << "an API without routes here";
}

}  // namespace
}  // namespace sallyport::access
