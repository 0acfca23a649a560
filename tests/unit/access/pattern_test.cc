#include "access/pattern.h"

#include <gtest/gtest.h>

namespace sallyport::access {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t at = 1; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    segments.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return segments;
}

TEST(Pattern, Matches) {
  const struct {
    std::string_view pattern, path;
    bool matches;
    const char* why;
  } rows[] = {
      {"/", "/", true, "the root"},
      {"/", "/x", false, "nothing else"},
      {"/x", "/x", true, "a literal"},
      {"/x/", "/x", true, "a trailing slash makes no difference"},
      {"/x", "/X", false, "case-sensitive"},
      {"/x", "/xy", false, "whole segments"},
      {"/x", "/x/y", false, "no prefix"},
      {"/x/{id}", "/x/1", true, "one segment"},
      {"/x/{id}", "/x", false, "which must be there"},
      {"/x/{id}", "/x/1/2", false, "and only one"},
      {"/x/{id}/y", "/x/1/y", true, "in the middle"},
      {"/x/{id}", "/x/%2F", true, "undecoded"},
      {"/x/**", "/x", true, "the rest may be empty"},
      {"/x/**", "/x/1/2/3", true, "or long"},
      {"/x/**", "/xy", false, "but begins at a segment"},
      {"/**", "/", true, "everything"},
      {"/**", "/a/b", true, "everything"},
      {"/adm{x}n", "/admin", false, "braces inside a segment are refused below"},
  };
  for (const auto& row : rows) {
    const auto pattern = Pattern::parse(row.pattern);
    if (!pattern) {
      EXPECT_FALSE(row.matches) << row.pattern;
      continue;
    }
    const auto segments = split(row.path);
    EXPECT_EQ(pattern->matches(segments), row.matches)
        << row.pattern << " " << row.path << ": " << row.why;
  }
}

TEST(Pattern, WhatCanNeverMatchIsAnError) {
  for (const char* text : {"",     "x",    "//",   "/x//y", "/x//",  "//x",     "/**/x",
                           "/x/*", "/x*",  "/{",   "/{}",   "/a{b}", "/{a}{b}", "/x?y",
                           "/x#y", "/..",  "/./x", "/a b",  "/a;b",  "/a\\b",   "/caf\xC3\xA9",
                           "/%2f", "/%2F", "/%41", "/%5C",  "/%",    "/%zz",    "/x%2"}) {
    EXPECT_FALSE(Pattern::parse(text).has_value()) << text;
  }
  for (const char* text : {"/", "/x", "/x/", "/{a}/{b}", "/**", "/{a}/**", "/caf%C3%A9", "/a%20b",
                           "/x.y-z_~", "/a:b@c"}) {
    EXPECT_TRUE(Pattern::parse(text).has_value()) << text;
  }
}

TEST(Pattern, CapturesByName) {
  const auto pattern = *Pattern::parse("/workspaces/{workspace}/messages/{id}");
  const auto segments = split("/workspaces/A1/messages/B2");
  EXPECT_EQ(pattern.captured("workspace", segments), "A1");
  EXPECT_EQ(pattern.captured("id", segments), "B2");
  EXPECT_EQ(pattern.captured("other", segments), "");
}

TEST(Pattern, HoldsAnotherOrMeetsIt) {
  const struct {
    const char *a, *b;
    bool contains, overlaps;
  } rows[] = {
      {"/x", "/x", true, true},
      {"/x", "/y", false, false},
      {"/{a}", "/x", true, true},
      {"/x", "/{a}", false, true},
      {"/**", "/", true, true},
      {"/**", "/{a}/b/**", true, true},
      {"/x/**", "/x", true, true},
      {"/x", "/x/**", false, true},
      {"/x/**", "/{a}", false, true},
      {"/x/{a}/**", "/x/**", false, true},
      {"/x/{a}", "/x/{a}/b", false, false},
      {"/{a}/b", "/a/{b}", false, true},
  };
  for (const auto& row : rows) {
    const auto a = *Pattern::parse(row.a);
    const auto b = *Pattern::parse(row.b);
    EXPECT_EQ(a.contains(b), row.contains) << row.a << " holds " << row.b;
    EXPECT_EQ(a.overlaps(b), row.overlaps) << row.a << " meets " << row.b;
    EXPECT_EQ(b.overlaps(a), row.overlaps) << row.b << " meets " << row.a;
  }
}

TEST(Pattern, TheMoreSpecificComesFirst) {
  auto first = [](const char* a, const char* b) {
    return Pattern::more_specific(*Pattern::parse(a), *Pattern::parse(b));
  };
  EXPECT_TRUE(first("/x/y", "/x/{id}"));
  EXPECT_FALSE(first("/x/{id}", "/x/y"));
  EXPECT_TRUE(first("/x/{id}", "/x/**"));
  EXPECT_TRUE(first("/x", "/x/**"));
  EXPECT_FALSE(first("/x", "/x"));
}

TEST(Pattern, CollectionsEndInALiteral) {
  EXPECT_TRUE(Pattern::parse("/messages")->ends_in_literal());
  EXPECT_TRUE(Pattern::parse("/")->ends_in_literal());
  EXPECT_FALSE(Pattern::parse("/messages/{id}")->ends_in_literal());
  EXPECT_FALSE(Pattern::parse("/messages/**")->ends_in_literal());
}

}  // namespace
}  // namespace sallyport::access
