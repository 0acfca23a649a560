#include "access/pattern_trie.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace sallyport::access {
namespace {

constexpr std::uint32_t kGet = 1;
constexpr std::uint32_t kPost = 2;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t at = 1; at < path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    segments.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return segments;
}

PatternTrie trie_of(std::initializer_list<std::pair<const char*, std::uint32_t>> rules) {
  PatternTrie trie;
  for (const auto& [text, methods] : rules) trie.add(*Pattern::parse(text), methods);
  trie.finish();
  return trie;
}

TEST(PatternTrie, MatchesWhatItsPatternsMatch) {
  const PatternTrie trie = trie_of({{"/", kGet},
                                    {"/x/{a}", kGet},
                                    {"/x/y", kPost},
                                    {"/{a}/y/z", kGet},
                                    {"/x/{a}/**", kPost},
                                    {"/rest/**", kGet}});
  const struct {
    const char* path;
    std::uint32_t asked;
    bool matches;
    const char* why;
  } rows[] = {
      {"/", kGet, true, "the root"},
      {"/x", kGet, false, "a node on the way is no end"},
      {"/x/1", kGet, true, "any segment"},
      {"/x/y", kPost, true, "the literal"},
      {"/x/y", kGet, true, "and what {a} permits beside it"},
      {"/x/y/z", kGet, true, "by way of {a}, although x and y are literals elsewhere"},
      {"/x/y/z", kPost, true, "by the rest"},
      {"/x/1/2/3", kPost, true, "a long rest"},
      {"/x/1/2/3", kGet, false, "of another method"},
      {"/rest", kGet, true, "/rest/** includes /rest"},
      {"/rest/1", kGet, true, "and what is below"},
      {"/restx", kGet, false, "but begins at a segment"},
      {"/1/y/z", kGet, true, "any first segment"},
      {"/1/y", kGet, false, "too short"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(trie.matches(split(row.path), row.asked), row.matches) << row.path << ": " << row.why;
  }
  const std::vector<std::string_view> with_empty = {"x", ""};
  EXPECT_FALSE(trie.matches(with_empty, kGet)) << "an empty segment is none";
  EXPECT_FALSE(PatternTrie().matches(split("/x"), kGet)) << "without rules";
}

TEST(PatternTrie, AnswersLikeItsPatternsOneByOne) {
  SystemRandom random;
  const char* words[] = {"a", "b", "{x}"};
  for (int round = 0; round < 200; ++round) {
    std::vector<std::pair<Pattern, std::uint32_t>> rules;
    PatternTrie trie;
    for (std::uint64_t n = random.below(12); n-- > 0;) {
      std::string text;
      for (std::uint64_t depth = random.below(5); depth-- > 0;) {
        text += std::string("/") + words[random.below(3)];
      }
      if (random.below(4) == 0) text += "/**";
      if (text.empty()) text = "/";
      const auto methods = static_cast<std::uint32_t>(1 + random.below(3));
      rules.emplace_back(*Pattern::parse(text), methods);
      trie.add(rules.back().first, methods);
    }
    trie.finish();
    for (int question = 0; question < 60; ++question) {
      std::vector<std::string_view> path;
      for (std::uint64_t depth = random.below(6); depth-- > 0;) {
        path.emplace_back(&"abc"[random.below(3)], 1);
      }
      const std::uint32_t asked = random.below(2) == 0 ? kGet : kPost;
      bool expected = false;
      for (const auto& [pattern, methods] : rules) {
        expected = expected || ((methods & asked) != 0 && pattern.matches(path));
      }
      ASSERT_EQ(trie.matches(path, asked), expected);
    }
  }
}

std::size_t most_steps(const PatternTrie& trie, std::initializer_list<const char*> paths) {
  std::size_t most = 0;
  for (const char* path : paths) {
    std::size_t steps = 0;
    trie.matches(split(path), kGet, &steps);
    most = std::max(most, steps);
  }
  return most;
}

TEST(PatternTrie, TheStepsDoNotDependOnTheNumberOfRules) {
  const auto steps_with = [](int rules) {
    PatternTrie trie;
    for (int i = 0; i < rules; ++i) {
      const std::string n = std::to_string(i);
      trie.add(*Pattern::parse("/things" + n + "/{id}/parts/{part}"), kGet);
      trie.add(*Pattern::parse("/things/{id}/parts" + n), kGet);
    }
    trie.finish();
    return most_steps(trie, {"/things7/1/parts/2", "/things/1/parts7", "/things/1/none",
                             "/nowhere/1/2/3", "/things0/1/parts/2/3"});
  };
  EXPECT_EQ(steps_with(10), steps_with(1'000));
  EXPECT_LE(steps_with(1'000), 5U) << "a node per segment, and the root";
}

// Every way to write /a/a/.../a/z with {x} for some of the segments: 1,024 patterns that all fit a
// path until its last segment.
TEST(PatternTrie, NorDoTheyWhenAllRulesFitUntilTheEnd) {
  PatternTrie trie;
  for (unsigned bits = 0; bits < 1'024; ++bits) {
    std::string text;
    for (unsigned i = 0; i < 10; ++i) text += ((bits >> i) & 1U) != 0 ? "/a" : "/{x}";
    trie.add(*Pattern::parse(text + "/z"), kGet);
  }
  trie.finish();
  EXPECT_LE(most_steps(trie, {"/a/a/a/a/a/a/a/a/a/a/b", "/a/b/a/b/a/b/a/b/a/b/b"}), 12U);
  EXPECT_TRUE(trie.matches(split("/a/b/a/b/a/b/a/b/a/b/z"), kGet));
}

// A hundred literals at each of ten places, {x} at the others: copied out it would be 101^10 nodes.
TEST(PatternTrie, WhatCannotBeCopiedOutAnswersTheSame) {
  PatternTrie trie;
  for (int place = 0; place < 10; ++place) {
    for (int i = 0; i < 100; ++i) {
      std::string text;
      for (int at = 0; at < 10; ++at) {
        text += at == place ? "/v" + std::to_string(i) : std::string("/{x}");
      }
      trie.add(*Pattern::parse(text), kGet);
    }
  }
  trie.finish();
  EXPECT_TRUE(trie.matches(split("/o/o/o/o/v7/o/o/o/o/o"), kGet));
  EXPECT_TRUE(trie.matches(split("/v1/v2/o/o/o/o/o/o/o/o"), kGet));
  EXPECT_FALSE(trie.matches(split("/o/o/o/o/o/o/o/o/o/o"), kGet));
  EXPECT_FALSE(trie.matches(split("/v1/o"), kGet));
}

}  // namespace
}  // namespace sallyport::access
